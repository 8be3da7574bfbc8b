import type { Command } from '../../core/command.ts';
import type { Bus, Consumer } from '../../core/bus/port.ts';
import { commandsTopic, contactsTopic, deadLettersTopic, paymentsTopic } from '../../core/bus/topics.ts';
import type { Clock } from '../../core/clock.ts';
import type { Contact } from '../../core/contact.ts';
import { ObzvonError, unreachable } from '../../core/errors.ts';
import type { Ledger, StopRequest } from '../ledger/port.ts';

export interface IntakeParts {
  readonly bus: Bus;
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** Calls under way that a message has ended. */
  readonly onStop: (requests: readonly StopRequest[]) => void;
  /** Something the scheduler should look at: new contacts, a changed campaign. */
  readonly onChange: () => void;
}

/** The bus's way into the ledger. Each batch is committed after the ledger has it; every step can be repeated. */
export interface Intake {
  /** Everything published before the call is in the ledger. */
  caughtUp(): Promise<void>;
  stop(): Promise<void>;
  readonly failed: Promise<never>;
}

/** The consumer group that all dialers share. */
export const DIALER_GROUP = 'dialer';
/** Batches of contacts with the ledger at once, so that it need not wait while the next one is read. Measured on Kafka and Redis: two gain nothing, four a third; eight little more. */
const CONTACT_LANES = 4;
const LOCKED_RETRY_MS = 100;
const LONGEST_LOCKED_MS = 3000;

/** Starts reading contacts, payments and commands. */
export async function startIntake(parts: IntakeParts): Promise<Intake> {
  const { bus, ledger } = parts;
  const commands = await whenFree(() =>
    bus.consume(commandsTopic, { group: DIALER_GROUP, maxBatch: 100 }, async (batch) => {
      for (const { value } of batch.messages) parts.onStop(await applyCommand(ledger, value, parts.clock.nowMs()));
      parts.onChange();
    }),
  );
  const payments = await bus.consume(paymentsTopic, { group: DIALER_GROUP, maxBatch: 1000 }, async (batch) => {
    parts.onStop(await ledger.recordPayments(batch.messages.map((message) => message.value), parts.clock.nowMs()));
    parts.onChange();
  });

  let known = new Set<string>();
  const contacts = await bus.consume(contactsTopic, { group: DIALER_GROUP, maxBatch: 1000, lanes: CONTACT_LANES }, async (batch) => {
    const values = batch.messages.map((message) => message.value);
    if (values.some((contact) => !known.has(contact.campaignId))) {
      // A campaign is defined before its contacts are published, but on another topic: let that one catch up.
      await commands.caughtUp();
      known = new Set((await ledger.campaigns()).map((state) => state.campaign.id));
    }
    const ours: Contact[] = [];
    for (const message of batch.messages) {
      if (known.has(message.value.campaignId)) {
        ours.push(message.value);
        continue;
      }
      await bus.publish(deadLettersTopic, [{
        key: message.key,
        value: {
          topic: batch.topic, partition: batch.partition, offset: message.offset, key: message.key, text: JSON.stringify(message.value),
          reason: `campaign "${message.value.campaignId}" was never defined`, atMs: parts.clock.nowMs(),
        },
      }]);
    }
    await ledger.admit(ours, parts.clock.nowMs());
    parts.onChange();
  });

  const consumers: readonly Consumer[] = [contacts, payments, commands];
  return {
    async caughtUp() {
      for (const consumer of [commands, payments, contacts]) await consumer.caughtUp();
    },
    async stop() {
      for (const consumer of consumers) await consumer.stop();
    },
    failed: Promise.race(consumers.map((consumer) => consumer.failed)),
  };
}

/** An operator's command may be reading the orders at this moment: it is done at once, so it is waited for. */
async function whenFree(consume: () => Promise<Consumer>): Promise<Consumer> {
  for (let waitedMs = 0; ; waitedMs += LOCKED_RETRY_MS) {
    try {
      return await consume();
    } catch (error) {
      if (!(error instanceof ObzvonError && error.code === 'locked') || waitedMs >= LONGEST_LOCKED_MS) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, LOCKED_RETRY_MS));
  }
}

/** Carries out one command; it can be repeated. @returns calls under way that it ends */
export async function applyCommand(ledger: Ledger, command: Command, nowMs: number): Promise<readonly StopRequest[]> {
  switch (command.kind) {
    case 'define':
      await ledger.defineCampaign(command.campaign);
      return [];
    case 'pause':
      await ledger.setMode(command.campaignId, 'paused');
      return [];
    case 'resume':
      await ledger.setMode(command.campaignId, 'running');
      return [];
    case 'stop':
      await ledger.setMode(command.campaignId, 'stopped');
      await ledger.closeWaiting(command.campaignId, 'expired', 'the campaign was stopped by an operator', nowMs);
      return [];
    case 'set':
      await ledger.setLimits(command.campaignId, {
        ...(command.maxCallsPerSecond === undefined ? {} : { maxCallsPerSecond: command.maxCallsPerSecond }),
        ...(command.maxChannels === undefined ? {} : { maxChannels: command.maxChannels }),
      });
      return [];
    case 'dnc_add':
      return ledger.addDnc([{ phone: command.phone, reason: command.reason, addedAtMs: command.atMs, expiresAtMs: command.expiresAtMs }], nowMs);
    case 'dnc_remove':
      await ledger.removeDnc([command.phone]);
      return [];
    case 'suppress_add':
      return suppressAccount(ledger, command, nowMs);
    case 'suppress_remove':
      // The numbers stay blocked: whose else they are is not known here. `dnc remove` frees them.
      return [];
    case 'commit_load':
      await ledger.decideLoad(command.campaignId, command.loadId, 'committed', nowMs);
      return [];
    case 'revoke_load':
      await ledger.decideLoad(command.campaignId, command.loadId, 'revoked', nowMs);
      return [];
    default:
      return unreachable(command);
  }
}

/** Lists loaded later close the account's contacts by themselves; those already taken in lose their numbers to the do-not-call list. */
async function suppressAccount(ledger: Ledger, command: Extract<Command, { kind: 'suppress_add' }>, nowMs: number): Promise<readonly StopRequest[]> {
  const phones = new Set<string>();
  for (const { campaign } of await ledger.campaigns()) {
    const found = await ledger.contactByAccount(campaign.id, command.accountId);
    for (const phone of found?.contact.phones ?? []) phones.add(phone);
  }
  if (phones.size === 0) return [];
  const reason = `account suppressed: ${command.reason}`;
  return ledger.addDnc([...phones].map((phone) => ({ phone, reason, addedAtMs: command.atMs, expiresAtMs: command.expiresAtMs })), nowMs);
}
