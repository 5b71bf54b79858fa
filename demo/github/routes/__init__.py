"""What can be asked of the API, one module for each concept."""

from demo.github.routes import (
    actions,
    apps,
    checks,
    contents,
    git_database,
    graphql,
    issues,
    labels,
    persons,
    pulls,
    reactions,
    releases,
    repositories,
    teams,
)

ROUTES = (
    *actions.ROUTES,
    *apps.ROUTES,
    *checks.ROUTES,
    *contents.ROUTES,
    *git_database.ROUTES,
    *graphql.ROUTES,
    *issues.ROUTES,
    *labels.ROUTES,
    *persons.ROUTES,
    *pulls.ROUTES,
    *reactions.ROUTES,
    *releases.ROUTES,
    *repositories.ROUTES,
    *teams.ROUTES,
)
