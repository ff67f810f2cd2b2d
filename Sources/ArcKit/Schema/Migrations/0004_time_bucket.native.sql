-- TimescaleDB's time_bucket for servers without it, so that every query is written once. Same origin (Monday,
-- 3 January 2000; the first of January for months), same results for timestamptz.

create function time_bucket(bucket_width interval, ts timestamptz, origin timestamptz) returns timestamptz
language sql immutable strict parallel safe as $$
  select date_bin(bucket_width, ts, origin)
$$;

-- Whole months are counted from January 2000; everything else, and its errors, is date_bin's.
create function time_bucket(bucket_width interval, ts timestamptz) returns timestamptz
language sql immutable strict parallel safe as $$
  select case
    when bucket_width > interval '0' and bucket_width = date_trunc('month', bucket_width) then
      (timestamp '2000-01-01' + bucket_width * floor(
        ((extract(year from ts at time zone 'UTC') - 2000) * 12 + extract(month from ts at time zone 'UTC') - 1)
        / (extract(year from bucket_width) * 12 + extract(month from bucket_width)))::integer
      ) at time zone 'UTC'
    else date_bin(bucket_width, ts, timestamptz '2000-01-03 00:00:00+00')
  end
$$;
