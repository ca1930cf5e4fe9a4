/** Every service that the window may call. */
import { drafting } from './services/drafting.ts';
import { exports } from './services/exports.ts';
import { imports } from './services/imports.ts';
import { inference } from './services/inference.ts';
import { jobs } from './services/jobs.ts';
import { keyImages } from './services/key-images.ts';
import { knowledge } from './services/knowledge.ts';
import { measurements } from './services/measurements.ts';
import { presentations } from './services/presentations.ts';
import { ratings } from './services/ratings.ts';
import { reports } from './services/reports.ts';
import { segmentations } from './services/segmentations.ts';
import { settings } from './services/settings.ts';
import { studies } from './services/studies.ts';

export const workstation = {
  studies,
  imports,
  inference,
  drafting,
  reports,
  ratings,
  knowledge,
  measurements,
  keyImages,
  presentations,
  segmentations,
  exports,
  settings,
  jobs,
} as const;
export type Workstation = typeof workstation;

export { createClient } from './client.ts';
export * as media from './media.ts';
export { type CallContext, type Client, Fault, type FaultCode, type Handlers, type Line } from './rpc.ts';
export { serve } from './server.ts';
export * from './terms/index.ts';
