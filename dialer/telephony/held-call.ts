/** A call as the connections it hangs on see it: what they tell it when they are lost. */
export interface HeldCall {
  /** The media server ended the call's channel or is gone. */
  mediaLost(reason: string): void;
  /** The SIP server is gone, and every dialog with it. */
  signallingLost(reason: string): void;
}
