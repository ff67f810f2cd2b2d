-- An embedding of its text, "[1,2,…]".
create function arc_embedding(numbers text) returns real[] language sql immutable strict parallel safe as $$
  select translate(numbers, '[]', '{}')::real[]
$$;
