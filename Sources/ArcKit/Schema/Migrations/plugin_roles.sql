-- The SQL of plugins runs as one of two roles that may read, or read and write, the rows of arc's tables and do nothing
-- else, whatever arc's own user may do. It runs within a function of that role's (security definer): there the server
-- refuses every change of the role, which a mere `set role` could take back. Safe to repeat; needs a user that may make
-- roles.
do $do$
declare
  home    name := current_schema();
  space   oid := (select n.oid from pg_catalog.pg_namespace n where n.nspname = current_schema());
  who     name;
  runner  regprocedure;
  rights  text;
  thing   record;
begin
  foreach who in array array['arc_plugin_reader', 'arc_plugin_writer'] loop
    if not exists (select from pg_catalog.pg_roles where rolname = who) then
      begin
        execute format('create role %I nologin noinherit', who);
      exception when duplicate_object or unique_violation then null;
      end;
    end if;
    -- A role of that name that somebody made for something else is none to run plugins as.
    if exists (
      select from pg_catalog.pg_roles r
      where r.rolname = who
        and (r.rolsuper or r.rolcanlogin or r.rolcreaterole or r.rolcreatedb or r.rolreplication or r.rolbypassrls
             or exists (select from pg_catalog.pg_auth_members m where m.member = r.oid)))
    then
      raise insufficient_privilege using message = format('role %s may do more than a plugin should', who);
    end if;
    if not pg_catalog.pg_has_role(current_user, who, 'member') then
      execute format('grant %I to current_user', who);
    end if;

    rights := case who when 'arc_plugin_reader' then 'select' else 'select, insert, update, delete' end;
    execute format('grant usage on schema %I to %I', home, who);
    for thing in
      select c.oid, c.oid::regclass as name, c.relkind
      from pg_catalog.pg_class c
      where c.relnamespace = space and c.relkind in ('r', 'p', 'v', 'm', 'S') and not c.relispartition
    loop
      if thing.relkind = 'S' then
        if who = 'arc_plugin_writer' and not pg_catalog.has_sequence_privilege(who, thing.oid, 'usage') then
          execute format('grant usage on sequence %s to %I', thing.name, who);
        end if;
      elsif not pg_catalog.has_table_privilege(who, thing.oid, 'select') then
        execute format('grant %s on %s to %I', rights, thing.name, who);
      end if;
    end loop;
  end loop;

  create or replace function arc_plugin_read(sql text, parameters text[]) returns setof record
  language plpgsql volatile security definer as
    $f$ begin return query execute sql using parameters; end $f$;
  create or replace function arc_plugin_write(sql text, parameters text[]) returns setof record
  language plpgsql volatile security definer as
    $f$ begin return query execute sql using parameters; end $f$;
  create or replace function arc_plugin_change(sql text, parameters text[]) returns bigint
  language plpgsql volatile security definer as
    $f$ declare n bigint; begin execute sql using parameters; get diagnostics n = row_count; return n; end $f$;

  foreach runner in array array[
    'arc_plugin_read(text, text[])', 'arc_plugin_write(text, text[])', 'arc_plugin_change(text, text[])'
  ]::regprocedure[] loop
    who := case when runner::text like '%arc\_plugin\_read(%' then 'arc_plugin_reader' else 'arc_plugin_writer' end;
    execute format('revoke all on function %s from public', runner);
    execute format('grant execute on function %s to current_user', runner);
    execute format('grant create on schema %I to %I', home, who);
    execute format('alter function %s owner to %I', runner, who);
    execute format('revoke create on schema %I from %I', home, who);
  end loop;
end
$do$;
