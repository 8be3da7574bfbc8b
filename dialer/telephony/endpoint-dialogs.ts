import type Srf from 'drachtio-srf';

interface Hangable {
  destroy(options?: object, callback?: () => void): unknown;
}

/**
 * The SIP client as the library of media endpoints gets it. That library hangs up a channel that FreeSWITCH gave too late
 * without waiting for the answer; if the channel has gone meanwhile the answer is an error, which nobody could catch, and
 * which would end the process. A hang-up of what is gone has reached its aim.
 */
export function clientForEndpoints(srf: Srf): Srf {
  const createUAC = async (uri: string, options: Parameters<Srf['createUAC']>[1]): Promise<unknown> => {
    const dialog = (await srf.createUAC(uri, options)) as unknown as Hangable;
    const destroy = dialog.destroy.bind(dialog);
    dialog.destroy = (how, callback) => {
      if (callback !== undefined || typeof how === 'function') return destroy(how, callback);
      return Promise.resolve(destroy(how)).catch(() => undefined);
    };
    return dialog;
  };
  return Object.defineProperty(Object.create(srf) as Srf, 'createUAC', { value: createUAC });
}
