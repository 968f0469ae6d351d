-- events.path: the ids from the root namespace down to the event's own, '/'-joined with a '/' at the end: that of its
-- project, else of its group, else '0/'. One row per element of the two arrays: its ordinality and the path. It reads
-- projects and namespaces, which the lookup watches: projects by id, which is the key project_id, and all of namespaces.
SELECT k.ordinality, coalesce(array_to_string(n.traversal_ids, '/') || '/', '0/')
FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS k (project_id, group_id, ordinality)
LEFT JOIN projects p ON p.id = k.project_id
LEFT JOIN namespaces n ON n.id = coalesce(p.project_namespace_id, k.group_id)
