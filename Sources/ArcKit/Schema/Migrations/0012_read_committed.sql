-- A refresh has to see what was committed before it took the notes.
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'roll-ups can''t be refreshed in a transaction of the level %', current_setting('transaction_isolation')
      using errcode = 'invalid_transaction_state',
        hint = 'It may not see what was recorded meanwhile. End the transaction, and then: call arc_refresh_alone(100, null).';
  end if;
