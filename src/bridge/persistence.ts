/**
 * Asks the browser to keep this app's storage until the member deletes it (Storage Standard, `persist()`). Some
 * browsers ask the member, others decide by use; without the interface the answer is no.
 */
export const isPersisted = async (): Promise<boolean> => {
  try {
    return (await navigator.storage?.persisted?.()) ?? false;
  } catch {
    return false;
  }
};

export const askPersistence = async (): Promise<boolean> => {
  try {
    return (await navigator.storage?.persist?.()) ?? false;
  } catch {
    return false;
  }
};
