/**
 * What stands behind the words of a failure. `limit`: nothing but time helps, and the service says or knows how much. `passing`: the
 * service or the way to it is in trouble, which ends by itself. All others are final: somebody has to do something.
 */
export type Trouble = 'limit' | 'passing' | FinalTrouble;

export type FinalTrouble = 'auth' | 'credit' | 'context' | 'refusal' | 'request';

/** Longest text that is searched. */
const longestWords = 4096;

const code = (codes: string) =>
  `\\b(?:status(?:[ _]?code)?|https?(?:/[\\d.]+)?|error|errno|code|api error)[ :="'(\\[]{1,5}(?:${codes})\\b|\\((?:${codes})\\)|\\b(?:${codes}) (?:status|error|too many|unauthorized|forbidden|bad gateway|service|internal|gateway|not found|payment|overloaded)`;

/** In order: what is final is not waited for, whatever else the words hold. */
const patterns: readonly (readonly [Trouble, RegExp])[] = [
  [
    'context',
    /\bcontext[_ ](?:length|window|limit|size)\b|\b(?:prompt|input|conversation|request) is too (?:long|large)|\bmaximum context|too many (?:input )?tokens|hit a token limit|max(?:imum)?[_ ](?:output[_ ])?tokens|maxtokens|turn limit|max[_ ]turn|exceeds? (?:the )?(?:maximum )?(?:number of )?(?:input )?tokens?\b/i,
  ],
  [
    'credit',
    new RegExp(
      `${code('402')}|\\bcredit balance|\\binsufficient (?:credits?|funds|balance)|\\bout of credits?\\b|\\bpayment required|\\bbilling (?:hard limit|is not active)`,
      'i',
    ),
  ],
  [
    'auth',
    new RegExp(
      `${code('401|403')}|\\b(?:invalid|incorrect|missing|expired|no|bad)[ _]?(?:x-)?(?:api[ _-]?key|auth\\w*|token|credentials?)|\\bnot (?:logged in|authenticated|signed in)|\\bunauthori[sz]ed\\b|\\bauthentication[_ ](?:error|failed|required)|\\bauth(?:entication)? required|\\b(?:please )?(?:log|sign) ?in\\b.{0,20}(?:again|first|required)|\\b(?:oauth )?token (?:has )?(?:expired|been revoked)|\\bpermission[_ ]error|\\b(?:run|use) \\S{0,20}/?login\\b|\\bno (?:api )?credentials|\\bapi[ _-]?key (?:is |was )?(?:not valid|invalid|missing|expired|revoked)`,
      'i',
    ),
  ],
  [
    'limit',
    new RegExp(
      `${code('429')}|\\brate[ _-]?limit(?:ed)?\\b|\\brate_?limit_?(?:error|exceeded|reached)|\\btoo many requests|\\b(?:usage|session|weekly|daily|hourly|monthly|request|requests|message|plan|account|spend(?:ing)?|\\d+-hour|model|opus|sonnet)(?: \\w+){0,2} limits?\\b|\\bhit (?:your|the|its|a) (?:\\S{1,20} ){0,3}limit|\\blimit (?:has been |was )?(?:reached|hit|exceeded)|\\b(?:quota|capacity) (?:exceeded|exhausted|reached|will reset)|\\bexceeded your (?:\\S{1,20} ){0,2}quota|\\bexhausted your (?:\\S{1,20} ){0,3}(?:quota|capacity|requests)|\\bresource[ _]?(?:has been )?exhausted|\\bquota\\b.{0,40}\\b(?:exceeded|exhausted|reset)|\\binsufficient_quota|\\bout of (?:\\S{1,20} )?(?:usage|quota|requests)\\b`,
      'i',
    ),
  ],
  [
    'refusal',
    /\brefusal\b|\b(?:model|api|assistant) (?:has )?(?:refused|declined)|content[_ -]?(?:filter|policy)|\busage polic|\bprohibited[_ ]content|\bblocked (?:by|for|due to) (?:safety|content|polic)|\bflagged\b.{0,30}\bpolic|\bstop(?:ped)?[_ ]reason\W{1,3}(?:safety|refusal)/i,
  ],
  [
    'passing',
    new RegExp(
      `${code('408|409|425|5(?:0[0234]|2\\d|30)')}|\\boverloaded|\\bservice (?:is )?(?:temporarily |currently )?unavailable|\\btemporar(?:y|ily)\\b|\\bbad gateway|\\bgateway time-?out|\\binternal (?:server )?error|\\bserver (?:had an )?error|\\bECONN(?:RESET|REFUSED|ABORTED)|\\bETIMEDOUT|\\bENETUNREACH|\\bEHOSTUNREACH|\\bEPIPE\\b|\\bEAI_AGAIN|\\bENOTFOUND|\\bUND_ERR\\w+|\\bsocket hang up|\\bconnection (?:\\w+ )?(?:reset|closed|refused|lost|aborted|error|dropped|terminated|failed|timed out)|\\bAPIConnection\\w*|\\bnetwork (?:error|failure|is unreachable|connection)|\\bfetch failed|\\bfailed to fetch|\\bstream (?:was )?(?:disconnected|closed|ended|error|interrupted)|\\b(?:request|connection|stream|response|api|network|socket|read|connect|gateway|server|model|headers?|body)\\b.{0,20}\\btime[d-]? ?-?out\\b|\\b(?:api)?timeout ?error|\\btry again (?:later|in a (?:moment|few|while)|shortly)|\\bUNAVAILABLE\\b|\\bhigh demand|\\bother side closed|\\breset by peer|\\breset before headers|\\bincomplete (?:response|stream|chunk)|\\bapi error: terminated\\b`,
      'i',
    ),
  ],
  [
    'request',
    new RegExp(
      `${code('400|404|413|422')}|\\binvalid[_ ]request|\\bbad request|\\bmodel(?: \\S{1,60})? (?:not found|does not exist|is not (?:supported|available))|\\bnot_found_error|\\bunknown model`,
      'i',
    ),
  ],
];

/** What the words of a failure mean; null: nothing that is known. Only for words of the program: a model may write anything at any time. */
export function troubleOf(words: string): Trouble | null {
  const text = words.slice(0, longestWords);
  return patterns.find(([, pattern]) => pattern.test(text))?.[0] ?? null;
}

const fixes: Readonly<Record<FinalTrouble, string>> = {
  auth: 'log in with the program itself ("cm-tui doctor" says how), then retry',
  credit: 'its account has no credit left: add some, or use another agent',
  context: 'it is too much for one run: split the item, or send the agent a message to continue in smaller steps',
  refusal: 'the model refused: reword the item, or use another agent',
  request: 'the service rejected the request: check the model and the settings of the agent',
};

/** What a person does about a failure that nothing else ends; null: it ends by itself, or nobody knows. */
export function fixFor(words: string): string | null {
  const trouble = troubleOf(words);
  return trouble === null || trouble === 'limit' || trouble === 'passing' ? null : fixes[trouble];
}

/** Some programs end with the status of an HTTP answer, of which a system keeps what is left after dividing by 256. */
const httpWords: Readonly<Record<number, string>> = {
  400: 'bad request',
  401: 'unauthorized',
  402: 'payment required',
  403: 'forbidden',
  404: 'not found',
  408: 'request timed out',
  413: 'request is too large',
  422: 'invalid request',
  429: 'too many requests',
  500: 'internal server error',
  502: 'bad gateway',
  503: 'service unavailable',
  504: 'gateway timeout',
  529: 'overloaded',
};

/** `HTTP 429, too many requests` for the exit code 173; null: it stands for no such status. */
export function httpStatusOf(exitCode: number): string | null {
  const found = Object.entries(httpWords).find(([status]) => Number(status) % 256 === exitCode);
  return found === undefined ? null : `HTTP ${found[0]}, ${found[1]}`;
}
