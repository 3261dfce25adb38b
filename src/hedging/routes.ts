/**
 * The data over HTTP: `/rates`, `/rates/:base/:quote`, `/terms`. What is answered is what the pod holds, verified; Redis
 * is asked nothing, and no fault of it makes an answer fail once data was there.
 */
import { Hono } from 'hono';
import { etag } from 'hono/etag';
import { type Env, sentence } from '../service/app.ts';
import { headersOf304, revisionHeaders } from '../service/revision-headers.ts';
import { crossRate } from './cross-rate.ts';
import type { HedgingService } from './service.ts';

export function hedgingRoutes({ manager }: HedgingService): Hono<Env> {
  const routes = new Hono<Env>();
  for (const path of ['/rates', '/terms', '/rates/*']) routes.use(path, etag({ retainedHeaders: headersOf304 }));
  for (const name of ['rates', 'terms'] as const) {
    routes.get(`/${name}`, (context) => {
      const version = manager.version(name);
      if (version.revision === 0) return sentence(context, 503, noDataYet(name), { 'retry-after': '1' });
      return context.body(jsonOf(manager.get(name)), 200, { ...revisionHeaders(version), 'content-type': json });
    });
  }
  routes.get('/rates/:base/:quote', (context) => {
    const version = manager.version('rates');
    if (version.revision === 0) return sentence(context, 503, noDataYet('rates'), { 'retry-after': '1' });
    const { base, quote } = context.req.param();
    const result = crossRate(manager.get('rates'), base, quote);
    if ('unknown' in result) return sentence(context, 404, unknownCurrency(result.unknown));
    return context.json({ ...result, revision: version.revision }, 200, revisionHeaders(version));
  });
  return routes;
}

const json = 'application/json';

const texts = new WeakMap<object, string>();

/** Frozen data has one text for ever: written once a revision, not once a request. */
function jsonOf(data: object): string {
  const text = texts.get(data) ?? JSON.stringify(data);
  texts.set(data, text);
  return text;
}

const noDataYet = (name: string) => `There is no data of ${name} yet: /readyz tells when there is.`;

/** What was asked is told again only if it could be a currency. */
function unknownCurrency(code: string): string {
  const named = /^[a-z0-9]{2,12}$/i.test(code) ? `of "${code}"` : 'of that name';
  return `There is no rate ${named}: /rates lists the currencies, such as "usd".`;
}
