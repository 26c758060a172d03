// What the native addon (preload-addon) offers to the rooms of this folder. Errors thrown or rejected by it
// have `code`, the name of an errno; number, text, syscall and path are added by errors.cjs.

/** A call as wire-protocol defines it, externally tagged: `{ Stat: { path, follow: true } }`. Byte fields are Buffers. */
export type FileCall = Record<string, Record<string, unknown>>;

/** 14 numbers: dev mode nlink uid gid rdev blksize ino size blocks, then atime mtime ctime birthtime in nanoseconds. */
export type Metadata = BigInt64Array;
/** 8 numbers: type bsize frsize blocks bfree bavail files ffree. */
export type FileSystem = BigInt64Array;
/** Names joined by NUL (no NUL after the last, an empty Buffer for no entries), and for each its UV_DIRENT_* number; with
 *  `more` the call's descriptor is open and stands behind them. */
export interface Entries { names: Buffer; kinds: Buffer; more: boolean }
/** Start of a file; with `more` the call's descriptor is open and stands behind `data`. */
export interface Content { data: Buffer; more: boolean; size: number }
export type FileReply = undefined | Buffer | number | Metadata | FileSystem | Entries | Content;

/** Connects this process to its session, once; later calls answer the same. Returns SessionFacts as JSON. */
export function connect(socket: string): string;
/** A number unused so far in this process, for descriptors; below 2^28. */
export function newNumber(): number;
/** Does a file call and blocks until it is answered. Done is undefined; Bytes and Path a Buffer; Written a number. */
export function callFiles(call: FileCall): FileReply;
/** Begins a file call; `wait` blocks until it is answered, once. */
export function startFiles(call: FileCall): { wait(): FileReply };
/** The same as a promise. Keeps the event loop alive until it settles. */
export function callFilesAsync(call: FileCall): Promise<FileReply>;
/** The same for a call that may be cancelled. */
export function beginFiles(call: FileCall): { id: number; reply: Promise<FileReply> };
/** Writes to an open file before anything that is sent after it. Until that is done, nothing is told of the file from memory. `metadata` is the file's. */
export function writeAhead(call: FileCall, metadata: Metadata): Promise<number>;
/** Asks the agent to give up a call. It then fails with ECANCELED, unless it is past that. */
export function cancelFiles(id: number): void;
/** Puts a line into pii's log, if there is one. */
export function log(line: string): void;
/** The same without waiting; lines arrive in the order in which they were told. */
export function logSoon(line: string): void;

/** Two numbers in memory shared with the addon: how often anything known has changed, and how often the remote was asked. Zeros if they are a copy. */
export function counters(): Int32Array;
/** Writes what is known of a path's metadata to 18 numbers. 0: not known; 1: written; 2: known to be missing. */
export function knownMetadata(path: Buffer, follow: boolean, numbers: Float64Array): number;

export type SearchPath = 'Login' | { Around: { before: Buffer[]; after: Buffer[] } } | { Exactly: Buffer[] };
export interface SpawnRequest {
  file: Buffer; args: Buffer[]; cwd: Buffer;
  /** `path`: where commands are looked for: as the login does, with entries around that, or there alone. */
  environment: { bare: boolean; set: [Buffer, Buffer][]; unset: Buffer[]; path: SearchPath };
  detached: boolean; uid?: number; gid?: number; umask: number;
}
/** What a descriptor of the process is: nothing; a pipe whose other end this process gets as a socket; a local descriptor to
 *  pump from or to; or an open remote file by its number on the wire. Beyond the standard three a pipe goes both ways. A local terminal among
 *  the standard three is a terminal for the process, too. */
export type End = 'null' | 'pipe' | number | { file: number };

export class RemoteProcess {
  /** Process id on the remote. */
  readonly pid: number;
  /** This process's ends: a descriptor for each 'pipe', which the caller owns from now on; -1 elsewhere. */
  readonly ends: number[];
  /** Bytes of an output that came and are not in its end yet, because that is full. */
  left(number: number): number;
  /** Signals the process, or its whole group, and waits until it is done; '0' asks. Returns undefined or the errno's name. */
  kill(signal: string, group: boolean): string | undefined;
  /** Lets the process outlive this one. */
  keep(): void;
  ref(): void;
  unref(): void;
}
/** Starts a process and blocks until it runs. Throws ENOENT, EACCES, … as execve or chdir gave it.
 *  `onExit(code, signal)` comes once, after all output made before the end was written to `ends`, but for what `left` tells;
 *  `signal` is '' for an exit by code; a negative code is -errno (EREMOTEIO: the link was lost). */
export function spawn(request: SpawnRequest, ends: End[], onExit: (code: number, signal: string) => void): RemoteProcess;

/** A pipe that stands for an open remote file in a process of the laptop. */
export class StandIn {
  /** The process's end of it, which the caller owns from now on. */
  readonly fd: number;
  /** Settles when all that lies in the pipe now is in the file. Keeps the event loop alive until then. */
  drain(): Promise<undefined>;
  /** The same, blocking. */
  drainSync(): void;
}
/** Makes one that is pumped into the file or, with `reads`, from it, however long the descriptor itself stays open. Blocks; throws EBADF. */
export function standIn(descriptor: number, reads: boolean): StandIn;

export interface SyncOptions { input?: Buffer; timeout: number; killSignal: string; maxBuffer: number }
export interface SyncResult {
  pid: number; code: number | null; signal: string | null;
  /** What the process wrote to each descriptor that is a pipe. */
  outputs: (Buffer | null | undefined)[];
  /** ETIMEDOUT, ENOBUFS or EPIPE. */
  error: string | null;
}
/** Runs a process to its end and blocks meanwhile. `timeout` in ms, 0 for none; `maxBuffer` in bytes, -1 for none. */
export function spawnSync(request: SpawnRequest, ends: End[], options: SyncOptions): SyncResult;

export class RemoteWatch {
  close(): void;
  ref(): void;
  unref(): void;
}
/** Watches a path. The event is 'rename' or 'change' with the name, or 'error' with the name of an errno, after which none follows. */
export function watch(path: Buffer, recursive: boolean, onEvent: (kind: string, name: Buffer) => void): RemoteWatch;
