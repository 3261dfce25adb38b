// Writes terms.json by the rule in README.md. Usage: node make-terms.mjs > terms.json
const classes = {
  1: { marginBps: 4, depositPercent: 3, minAmount: 10_000, maxAmount: 50_000_000 },
  2: { marginBps: 9, depositPercent: 5, minAmount: 25_000, maxAmount: 20_000_000 },
  3: { marginBps: 35, depositPercent: 10, minAmount: 50_000, maxAmount: 5_000_000 },
};
const classOf = (currency) => {
  if (['eur', 'usd', 'gbp', 'jpy', 'chf'].includes(currency)) return 1;
  return ['aud', 'cad', 'nzd', 'sek', 'nok', 'dkk', 'sgd', 'hkd'].includes(currency) ? 2 : 3;
};
const months = { '1W': 0.25, '1M': 1, '3M': 3, '6M': 6, '12M': 12 };
const nonDeliverable = ['brl', 'inr', 'krw', 'cny'];
const pairs = [
  ...'usd gbp jpy chf aud cad nzd sek nok dkk sgd hkd pln czk huf ron try zar mxn brl cny inr krw thb ils'
    .split(' ')
    .map((quote) => `eur${quote}`),
  ...'gbpusd usdjpy usdchf audusd usdcad nzdusd usdmxn usdzar usdcny usdsgd'.split(' '),
  ...'gbpjpy gbpchf audjpy chfjpy cadjpy'.split(' '),
];

const round = (value, step) => Math.round(value / step) * step;
const entries = pairs.map((pair) => {
  const [base, quote] = [pair.slice(0, 3), pair.slice(3)];
  const { marginBps, depositPercent, minAmount, maxAmount } = classes[Math.max(classOf(base), classOf(quote))];
  const tenors = Object.entries(months).map(([tenor, length]) => [
    tenor,
    {
      minAmount,
      maxAmount: length >= 6 ? maxAmount / 2 : maxAmount,
      marginBps: round(marginBps * (1 + 0.15 * length), 0.5),
      depositPercent: round(depositPercent + 0.25 * length, 0.25),
    },
  ]);
  const settlement = nonDeliverable.includes(base) || nonDeliverable.includes(quote) ? 'cash' : 'delivery';
  return [pair, { settlementDays: pair === 'usdcad' ? 1 : 2, settlement, tenors: Object.fromEntries(tenors) }];
});
const lines = entries.map(([pair, terms]) => `${JSON.stringify(pair)}:${JSON.stringify(terms)}`);
process.stdout.write(`{\n"made": "not recorded: by the rule in README.md",\n"terms": {\n${lines.join(',\n')}\n}\n}\n`);
