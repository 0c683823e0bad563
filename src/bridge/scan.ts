/** Reads a QR code with the camera, in browsers that can; in others the screen offers to paste the text. */

type Detector = { detect(source: HTMLVideoElement): Promise<readonly { readonly rawValue: string }[]> };
type DetectorClass = {
  new (options: { formats: readonly string[] }): Detector;
  getSupportedFormats(): Promise<readonly string[]>;
};

const LOOK_MS = 150;

const detectorClass = (): DetectorClass | null => {
  const found: unknown = Reflect.get(globalThis, "BarcodeDetector");
  // The browser's own class; TypeScript's list of them does not have it yet.
  return typeof found === "function" ? (found as unknown as DetectorClass) : null;
};

export const canScan = async (): Promise<boolean> => {
  const found = detectorClass();
  if (found === null || (navigator.mediaDevices as MediaDevices | undefined) === undefined) return false;
  return (await found.getSupportedFormats().catch((): readonly string[] => [])).includes("qr_code");
};

/**
 * Shows the camera in `video` and resolves with the first code's text; null when it was aborted.
 * @throws DOMException when the member or the browser denies the camera.
 */
export const scan = async (video: HTMLVideoElement, signal: AbortSignal): Promise<string | null> => {
  const found = detectorClass();
  if (found === null) return null;
  const detector = new found({ formats: ["qr_code"] });
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
  try {
    video.srcObject = stream;
    await video.play();
    while (!signal.aborted) {
      const [code] = await detector.detect(video).catch(() => []);
      if (code !== undefined) return code.rawValue;
      await new Promise((done) => setTimeout(done, LOOK_MS));
    }
    return null;
  } finally {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  }
};
