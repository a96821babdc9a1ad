"""The rules of `core/pace.py` as scripts that Redis runs, so that a turn is one round trip for all workers at once.

A host's state is a hash that Redis forgets by itself. The time is Redis's own: workers' clocks may differ.
"""

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

from services.fetch.core import breaker, pace
from services.fetch.core.pace import Ended, Manners, Verdict, Word
from shared.hosts import FAILED, HOST, SLOT

if TYPE_CHECKING:
    from redis.asyncio import Redis

_KEPT_S = 86_400  # of a host that is well
_KEPT_FAILING_S = 8 * 86_400  # longer than LONGEST_OUTAGE_S
_KEPT_FAILED_S = 86_400  # addresses that failed
_CONNECTIONS = 4
_PATIENCE_S = 0.5

_STATE = """
local key, failed = KEYS[1], KEYS[2]
local h = {}
local raw = redis.call('HGETALL', key)
for i = 1, #raw, 2 do h[raw[i]] = raw[i + 1] end
local function n(name) return tonumber(h[name] or '0') or 0 end
local function f(x) return string.format('%.6f', x) end
local function put(...) redis.call('HSET', key, ...) end
local function keep() redis.call('EXPIRE', key, n('since') > 0 and KEPT_FAILING or KEPT) end
local now = tonumber(ARGV[1])
if not now then local t = redis.call('TIME'); now = t[1] + t[2] / 1000000 end
"""

# ARGV: now or '', token, apart, page, last, at once, lease
_ENTER = """
local token, apart, page, last = ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5] == '1'
local at_once, hold = tonumber(ARGV[6]), tonumber(ARGV[7])
local taken, takes = 0, n('took')
for name, value in pairs(h) do
  if string.sub(name, 1, #SLOT) == SLOT then
    if name == SLOT .. token then -- our own: the answer to this very question came too late, and it is asked again
      redis.call('HDEL', key, name)
    elseif tonumber(value) > now then
      taken = taken + 1
      takes = math.max(takes, now - (tonumber(value) - hold))
    else
      redis.call('HDEL', key, name)
    end
  end
end
local space = math.max(apart, takes / at_once, LEAST_SPACE)
local budget = h['budget'] and n('budget') or BUDGET_START
if n('budget_at') > 0 then budget = math.min(BUDGET_MOST, budget + math.max(0, now - n('budget_at')) * INCOME) end
local again = page ~= '' and redis.call('SISMEMBER', failed, page) == 1
local function put_off(word, base)
  base = math.max(base, now)
  local tail = math.max(n('tail'), base) + space
  if tail > base + FURTHEST then tail = base + space end
  put('tail', f(tail), 'budget', f(budget), 'budget_at', f(now))
  keep()
  return {word, f(tail - now)}
end
if n('held') > now then return put_off('held', n('held')) end
if n('until') > 0 then
  local word = now - n('since') > LONGEST_OUTAGE and 'gone' or 'resting'
  if now < n('until') then return put_off(word, n('until')) end
  if n('probe') > now then return put_off(word, now + math.min(n('probe') - now, math.max(n('took'), 1))) end
elseif again and budget < 1 then
  return put_off('retries', now + (1 - budget) / INCOME)
end
if taken >= at_once then
  if last or takes > PATIENCE then return put_off('paced', now) end
  return {'busy', f(space)}
end
local start = math.max(now, n('last') + apart)
if start - now > PATIENCE then return put_off('paced', n('last')) end
budget = again and budget - 1 or math.min(BUDGET_MOST, budget + PAID_IN)
put('last', f(start), 'budget', f(budget), 'budget_at', f(now), SLOT .. token, f(start + hold))
if n('until') > 0 then put('probe', f(start + hold), 'prober', token) end
keep()
return {'go', f(start - now)}
"""

# ARGV: now or '', token, page, end, weight, hold, took, opens at
_LEAVE = """
local token, page, how = ARGV[2], ARGV[3], ARGV[4]
local weight, hold, took, opens_at = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
redis.call('HDEL', key, SLOT .. token)
local probed = h['prober'] == token
if probed then redis.call('HDEL', key, 'probe', 'prober') end
if how == 'answered' or how == 'failed' then put('took', f(n('took') + LATEST * (took - n('took')))) end
if how == 'answered' and page ~= '' then redis.call('SREM', failed, page) end
if how == 'busy' then put('held', f(math.max(n('held'), now + hold))) end
if how == 'answered' or (how == 'busy' and probed) then
  redis.call('HDEL', key, 'score', 'since', 'until', 'rests')
  h['since'] = nil
elseif how == 'failed' then
  if n('since') == 0 then
    h['since'] = f(now)
    put('since', h['since'])
  end
  if page ~= '' and redis.call('SCARD', failed) < MOST_FAILED then
    redis.call('SADD', failed, page)
    redis.call('EXPIRE', failed, KEPT_FAILED)
  end
  if probed then
    local rests = n('rests') + 1
    put('rests', rests, 'until', f(now + math.min(FIRST_REST * 2 ^ math.min(rests - 1, 20), LONGEST_REST)))
  elseif n('until') == 0 then
    put('score', f(n('score') + weight))
    if n('score') + weight >= opens_at then put('rests', 1, 'until', f(now + FIRST_REST)) end
  end
end
if redis.call('EXISTS', key) == 1 then keep() end
return 0
"""

_NUMBERS = {
    "LEAST_SPACE": pace.LEAST_SPACE_S,
    "FURTHEST": pace.FURTHEST_S,
    "PATIENCE": pace.PATIENCE_S,
    "BUDGET_START": pace.BUDGET_START,
    "BUDGET_MOST": pace.BUDGET_MOST,
    "INCOME": pace.INCOME_S,
    "PAID_IN": pace.PAID_IN,
    "LATEST": pace.LATEST,
    "MOST_FAILED": pace.MOST_FAILED,
    "LONGEST_OUTAGE": breaker.LONGEST_OUTAGE_S,
    "FIRST_REST": breaker.FIRST_REST_S,
    "LONGEST_REST": breaker.LONGEST_REST_S,
    "KEPT": _KEPT_S,
    "KEPT_FAILING": _KEPT_FAILING_S,
    "KEPT_FAILED": _KEPT_FAILED_S,
    "SLOT": f"'{SLOT}'",
}


def script(body: str) -> str:
    """A whole script: the numbers of the core, the state, and what is done with it."""
    return "\n".join([*(f"local {name} = {value}" for name, value in _NUMBERS.items()), _STATE, body])


def shared_client(broker: str) -> "Redis":
    """A client for hosts' states: nobody waits long for it, since a process can do without."""
    from redis.asyncio import BlockingConnectionPool, Redis
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    pool = BlockingConnectionPool.from_url(
        broker,
        max_connections=_CONNECTIONS,
        timeout=_PATIENCE_S,
        socket_timeout=_PATIENCE_S,
        socket_connect_timeout=_PATIENCE_S,
        retry=Retry(NoBackoff(), 1),  # a connection that broke since its last use
    )
    return Redis.from_pool(pool)


class SharedLines:
    """Every host's line, kept in Redis. Raises redis.RedisError and OSError where Redis is away."""

    def __init__(self, redis: "Redis") -> None:
        self._enter = redis.register_script(script(_ENTER))
        self._leave = redis.register_script(script(_LEAVE))

    async def enter(
        self, host: str, manners: Manners, *, token: str, delay_s: float, page: str, last: bool, now: float | None = None
    ) -> Verdict:
        """`core.pace.enter` for this host; `now` is for tests."""
        apart = max(manners.apart_s, min(delay_s, pace.LONGEST_DELAY_S))
        given: list[str | float] = [_moment(now), token, apart, page, int(last), manners.at_once, manners.hold_s]
        word, wait = await _called(self._enter(keys=_keys(host), args=given))
        return Verdict(word=Word(word.decode()), wait_s=float(wait))

    async def leave(
        self, host: str, manners: Manners, ended: Ended, *, token: str, page: str, now: float | None = None
    ) -> None:
        """`core.pace.leave` for this host."""
        given: list[str | float] = [_moment(now), token, page, ended.end.value, ended.weight, ended.hold_s, ended.took_s, manners.opens_at]
        await _called(self._leave(keys=_keys(host), args=given))


def _keys(host: str) -> list[str]:
    return [HOST + host, FAILED + host]


def _moment(now: float | None) -> str:
    return "" if now is None else f"{now:.6f}"


async def _called(answer: Awaitable[Any]) -> Any:
    return await answer
