export { type DataElements, decimalString, part10, type Value, type Vr } from './part10.ts';
export { type PhantomIdentity, phantomFiles, uidOf, writePhantom } from './phantom.ts';
