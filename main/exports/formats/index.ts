import type { PreferenceFormat } from '../../../preload/contract/index.ts';
import { dpo } from './dpo/index.ts';
import { kto } from './kto/index.ts';
import type { Format } from './line.ts';
import { sft } from './sft/index.ts';
import { stepwise } from './stepwise/index.ts';

/** Every format; a folder beside this file for each. */
export const formats = { dpo, kto, stepwise, sft } as const satisfies Record<PreferenceFormat, Format>;
