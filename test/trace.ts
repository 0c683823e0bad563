/**
 * Before each file of unit tests: files of one worker share a process and its modules, so what one of them put in the
 * place of something global is taken away behind it.
 */
import { afterAll, vi } from "vitest";

afterAll(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});
