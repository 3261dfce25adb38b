-- For wrk: each of its connections asks, and 20 ms after the answer asks again.
function delay()
  return 20
end
