"""What the GitHub double answers: one handler for each operation, and the objects they are made of.

Every object carries all the fields that GitHub's description requires of it: the check at the end
of a test would find one that is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from tests.github_extract import graphql_schema

if TYPE_CHECKING:
    from tests.github_double import Call, Comment, GitHubDouble, Pull

WHEN = "2026-01-02T03:04:05Z"
BODY_LIMIT = 65_536
COMMENT_LIMIT = 2_500
NOT_ACCESSIBLE = "Resource not accessible by integration"
Answer = tuple[int, Any]


class Refused(Exception):
    """A GraphQL error of one of GitHub's kinds."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def error(message: str) -> dict[str, Any]:
    """The body of a refusal."""
    return {"message": message, "documentation_url": "https://docs.github.com/rest", "status": "0"}


def invalid(message: str) -> Answer:
    """A validation error as GitHub words it."""
    return 422, {
        "message": "Validation Failed",
        "errors": [
            {
                "resource": "IssueComment",
                "code": "unprocessable",
                "field": "data",
                "message": message,
            }
        ],
        "documentation_url": "https://docs.github.com/rest",
    }


# --- objects -----------------------------------------------------------------------------------


def user(github: GitHubDouble, login: str) -> dict[str, Any]:
    """A simple-user."""
    url = f"{github.api_url}/users/{login}"
    links = (
        *("events", "followers", "following", "gists", "organizations", "received_events"),
        *("repos", "starred", "subscriptions"),
    )
    return {
        "login": login,
        "id": 41898282,
        "node_id": "U_1",
        "avatar_url": f"{github.url}/avatar",
        "gravatar_id": "",
        "html_url": f"{github.url}/{login}",
        "site_admin": False,
        "type": "Bot" if login.endswith("[bot]") else "User",
        "url": url,
        **{f"{name}_url": f"{url}/{name}" for name in links},
    }


def comment_object(github: GitHubDouble, comment: Comment) -> dict[str, Any]:
    """An issue-comment."""
    issue = f"{github.api_url}/repos/{github.repository}/issues"
    return {
        "id": comment.id,
        "node_id": comment.node_id,
        "url": f"{issue}/comments/{comment.id}",
        "html_url": comment_url(github, comment),
        "issue_url": f"{issue}/{comment.pull}",
        "body": comment.body,
        "user": user(github, comment.author),
        "created_at": WHEN,
        "updated_at": WHEN,
        "author_association": "NONE",
    }


def comment_url(github: GitHubDouble, comment: Comment) -> str:
    """Where a person reads a comment."""
    return f"{github.url}/{github.repository}/pull/{comment.pull}#issuecomment-{comment.id}"


def check_object(github: GitHubDouble, run: Mapping[str, Any]) -> dict[str, Any]:
    """A check-run."""
    output = run.get("output") or {}
    url = f"{github.api_url}/repos/{github.repository}/check-runs/{run['id']}"
    return {
        "id": run["id"],
        "node_id": f"CR_{run['id']}",
        "name": run["name"],
        "head_sha": run["head_sha"],
        "external_id": run.get("external_id"),
        "url": url,
        "html_url": f"{github.url}/{github.repository}/runs/{run['id']}",
        "details_url": run.get("details_url"),
        "status": run.get("status", "queued"),
        "conclusion": run.get("conclusion"),
        "started_at": WHEN,
        "completed_at": WHEN,
        "output": {
            "title": output.get("title"),
            "summary": output.get("summary"),
            "text": output.get("text"),
            "annotations_count": len(output.get("annotations", ())),
            "annotations_url": f"{url}/annotations",
        },
        "check_suite": {"id": 5},
        "app": None,
        "pull_requests": [],
    }


def repository_object(github: GitHubDouble, full_name: str) -> dict[str, Any]:
    """A repository with every field of the description, as empty as it allows."""
    owner, name = full_name.split("/")
    url = f"{github.api_url}/repos/{full_name}"
    links = """archive assignees blobs branches collaborators comments commits compare contents
        contributors deployments downloads events forks git_commits git_refs git_tags hooks
        issue_comment issue_events issues keys labels languages merges milestones notifications
        pulls releases stargazers statuses subscribers subscription tags teams trees""".split()
    counts = """forks forks_count open_issues open_issues_count size stargazers_count watchers
        watchers_count"""
    return {
        "id": 1296269,
        "node_id": "R_1",
        "name": name,
        "full_name": full_name,
        "owner": user(github, owner),
        "private": github.private,
        "fork": full_name != github.repository,
        "html_url": f"{github.url}/{full_name}",
        "url": url,
        **{f"{link}_url": f"{url}/{link}" for link in links},
        **{
            f"{kind}_url": f"{github.url}/{full_name}.git"
            for kind in ("clone", "git", "ssh", "svn")
        },
        **dict.fromkeys(("description", "homepage", "language", "license", "mirror_url")),
        **dict.fromkeys(counts.split(), 0),
        **{f"has_{one}": False for one in ("downloads", "issues", "projects", "wiki", "pages")},
        "archived": False,
        "disabled": False,
        "default_branch": "main",
        **dict.fromkeys(("pushed_at", "created_at", "updated_at"), WHEN),
    }


def pull_object(github: GitHubDouble, pull: Pull) -> dict[str, Any]:
    """A pull-request-simple."""
    url = f"{github.api_url}/repos/{github.repository}/pulls/{pull.number}"
    page = f"{github.url}/{github.repository}/pull/{pull.number}"
    fork = pull.head_repository
    links = "comments commits statuses html issue review_comments review_comment self".split()
    return {
        "id": pull.number,
        "node_id": f"PR_{pull.number}",
        "number": pull.number,
        "state": "open" if pull.state == "OPEN" else "closed",
        "title": "A change",
        "body": None,
        "locked": pull.locked,
        "user": user(github, "octocat"),
        "url": url,
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "issue_url": page,
        **{
            f"{name}_url": f"{url}/{name}"
            for name in ("comments", "commits", "statuses", "review_comment", "review_comments")
        },
        "_links": {name: {"href": f"{url}/{name}"} for name in links},
        "labels": [],
        "author_association": "NONE",
        **dict.fromkeys(
            ("assignee", "auto_merge", "milestone", "closed_at", "merged_at", "merge_commit_sha")
        ),
        **dict.fromkeys(("created_at", "updated_at"), WHEN),
        "base": {
            "label": f"octo:{pull.base}",
            "ref": pull.base,
            "sha": "0" * 40,
            "user": user(github, "octo"),
            "repo": repository_object(github, github.repository),
        },
        "head": {
            "label": f"{(fork or 'unknown/').split('/')[0]}:{pull.branch}",
            "ref": pull.branch,
            "sha": pull.head,
            "user": user(github, fork.split("/")[0]) if fork else None,
            "repo": repository_object(github, fork or github.repository),
        },
    }


def commit_object(github: GitHubDouble, sha: str) -> dict[str, Any]:
    """A commit."""
    url = f"{github.api_url}/repos/{github.repository}/commits/{sha}"
    person = {"name": "octocat", "email": "octocat@example.com", "date": WHEN}
    return {
        "sha": sha,
        "node_id": f"C_{sha}",
        "url": url,
        "html_url": f"{github.url}/{github.repository}/commit/{sha}",
        "comments_url": f"{url}/comments",
        "commit": {
            "author": person,
            "committer": person,
            "message": "change",
            "tree": {"sha": sha, "url": url},
            "url": url,
            "comment_count": 0,
        },
        "author": None,
        "committer": None,
        "parents": [],
    }


# --- REST --------------------------------------------------------------------------------------


def create_comment(github: GitHubDouble, call: Call) -> Answer:
    """POST a comment."""
    number, body = int(call.arguments[0]), call.body["body"]
    pull = github.pulls.get(number)
    if pull is None:
        return 404, error("Not Found")
    if pull.locked:
        return 403, error("Unable to create comment because issue is locked.")
    if sum(one.pull == number for one in github.comments) >= COMMENT_LIMIT:
        return 403, error("Commenting is disabled on issues with more than 2500 comments")
    if len(body) > BODY_LIMIT:
        return invalid("body is too long (maximum is 65536 characters)")
    comment = github.add_comment(number, body, call.login)
    return 201, comment_object(github, comment)


def find_comment(github: GitHubDouble, call: Call) -> Comment | None:
    """The comment a request names."""
    wanted = int(call.arguments[0])
    return next((one for one in github.comments if one.id == wanted), None)


def edit_comment(github: GitHubDouble, call: Call) -> Answer:
    """PATCH a comment."""
    comment = find_comment(github, call)
    if comment is None:
        return 404, error("Not Found")
    if comment.author != call.login:
        return 403, error(NOT_ACCESSIBLE)
    if len(call.body["body"]) > BODY_LIMIT:
        return invalid("body is too long (maximum is 65536 characters)")
    comment.body = call.body["body"]
    return 200, comment_object(github, comment)


def delete_comment(github: GitHubDouble, call: Call) -> Answer:
    """DELETE a comment."""
    comment = find_comment(github, call)
    if comment is None:
        return 404, error("Not Found")
    github.comments.remove(comment)
    return 204, None


def create_check(github: GitHubDouble, call: Call) -> Answer:
    """POST a check run."""
    run = {**call.body, "id": github.next_id()}
    github.check_runs.append(run)
    return 201, check_object(github, run)


def update_check(github: GitHubDouble, call: Call) -> Answer:
    """PATCH a check run; annotations are added to those that are there."""
    wanted = int(call.arguments[0])
    run = next((one for one in github.check_runs if one["id"] == wanted), None)
    if run is None:
        return 404, error("Not Found")
    before = run.get("output", {}).get("annotations", [])
    run |= call.body
    run["output"] = {**call.body.get("output", {})}
    run["output"]["annotations"] = before + run["output"].get("annotations", [])
    return 200, check_object(github, run)


def list_checks(github: GitHubDouble, call: Call) -> Answer:
    """GET the check runs of a commit."""
    found = [
        run
        for run in github.check_runs
        if run["head_sha"] == call.arguments[0]
        and run["name"] == call.query.get("check_name", run["name"])
    ]
    return 200, {
        "total_count": len(found),
        "check_runs": [check_object(github, run) for run in found],
    }


def list_pulls(github: GitHubDouble, call: Call) -> Answer:
    """GET the open pull requests, by head."""
    wanted = call.query.get("head")
    found = [pull_object(github, pull) for pull in github.pulls.values()]
    state = call.query.get("state", "open")
    return 200, page(
        call,
        [
            one
            for one in found
            if one["state"] == state and (wanted is None or one["head"]["label"] == wanted)
        ],
    )


def list_reviews(github: GitHubDouble, call: Call) -> Answer:
    """GET the reviews of a pull request, oldest first."""
    number = int(call.arguments[0])
    url = f"{github.api_url}/repos/{github.repository}/pulls/{number}"
    found = [
        {
            "id": review.id,
            "node_id": f"PRR_{review.id}",
            "user": user(github, review.login),
            "body": "",
            "state": review.state,
            "commit_id": review.commit,
            "html_url": f"{url}#{review.id}",
            "pull_request_url": url,
            "_links": {"html": {"href": url}, "pull_request": {"href": url}},
            "author_association": "MEMBER",
            "submitted_at": WHEN,
        }
        for review in github.reviews
        if review.pull == number
    ]
    return 200, page(call, found)


def page(call: Call, items: list[Any]) -> list[Any]:
    """One page of a list."""
    size, number = int(call.query.get("per_page", 30)), int(call.query.get("page", 1))
    return items[(number - 1) * size : number * size]


def compare(github: GitHubDouble, call: Call) -> Answer:
    """GET a comparison; `compare_with` knows the merge base."""
    base, _, head = call.arguments[0].partition("...")
    if github.compare_with is None:
        return 404, error("Not Found")
    url = f"{github.api_url}/repos/{github.repository}/compare/{base}...{head}"
    return 200, {
        **dict.fromkeys(("url", "html_url", "permalink_url", "diff_url", "patch_url"), url),
        "base_commit": commit_object(github, "0" * 40),
        "merge_base_commit": commit_object(github, github.compare_with(base, head)),
        "status": "diverged",
        **dict.fromkeys(("ahead_by", "behind_by", "total_commits"), 1),
        "commits": [],
        "files": [],
    }


HANDLERS: dict[str, Callable[[GitHubDouble, Call], Answer]] = {
    "issues/create-comment": create_comment,
    "issues/update-comment": edit_comment,
    "issues/delete-comment": delete_comment,
    "checks/create": create_check,
    "checks/update": update_check,
    "checks/list-for-ref": list_checks,
    "pulls/list": list_pulls,
    "pulls/list-reviews": list_reviews,
    "repos/compare-commits-with-basehead": compare,
}


# --- GraphQL -----------------------------------------------------------------------------------


def graphql_root(github: GitHubDouble, login: str) -> dict[str, Any]:
    """The root value for GitHub's schema: what is called is a resolver."""

    def repository(_info: Any, owner: str, name: str, **_: Any) -> dict[str, Any]:
        if f"{owner}/{name}" != github.repository:
            raise Refused(
                "NOT_FOUND", f"Could not resolve to a Repository with the name '{owner}/{name}'."
            )
        return {"id": "R_1", "nameWithOwner": github.repository, "pullRequest": pull_request}

    def pull_request(_info: Any, number: int) -> dict[str, Any]:
        pull = github.pulls.get(number)
        if pull is None:
            raise Refused(
                "NOT_FOUND", f"Could not resolve to a PullRequest with the number of {number}."
            )
        return {
            "id": f"PR_{number}",
            "number": number,
            "state": pull.state,
            "headRefOid": pull.head,
            "isDraft": False,
            "locked": pull.locked,
            "comments": lambda _info, **given: connection(github, number, login, **given),
        }

    def minimize(_info: Any, input: Mapping[str, Any]) -> dict[str, Any]:
        comment = next((one for one in github.comments if one.node_id == input["subjectId"]), None)
        if comment is None:
            raise Refused("NOT_FOUND", "Could not resolve to a node with the global id.")
        if github.denied & {"write", "minimize"}:
            raise Refused("FORBIDDEN", NOT_ACCESSIBLE)
        comment.minimized = str(input["classifier"]).lower()
        return {
            "clientMutationId": input.get("clientMutationId"),
            "minimizedComment": {"__typename": "IssueComment", **node(github, comment, login)},
        }

    assert graphql_schema().query_type is not None
    return {"repository": repository, "minimizeComment": minimize}


def connection(
    github: GitHubDouble,
    number: int,
    login: str,
    first: int | None = None,
    after: str | None = None,
    **_: Any,
) -> dict[str, Any]:
    """One page of the comments of a pull request, oldest first."""
    if first is None or not 1 <= first <= 100:
        raise Refused("EXCESSIVE_PAGINATION", "`first` is needed, between 1 and 100.")
    found = [one for one in github.comments if one.pull == number]
    start = int(after or 0)
    shown = found[start : start + first]
    return {
        "totalCount": len(found),
        "nodes": [node(github, one, login) for one in shown],
        "pageInfo": {
            "hasNextPage": start + first < len(found),
            "endCursor": str(start + len(shown)),
            "hasPreviousPage": start > 0,
            "startCursor": str(start),
        },
    }


def node(github: GitHubDouble, comment: Comment, login: str) -> dict[str, Any]:
    """A comment as GraphQL shows it."""
    return {
        "id": comment.node_id,
        "databaseId": comment.id,
        "fullDatabaseId": str(comment.id),
        "url": comment_url(github, comment),
        "body": comment.body,
        "viewerDidAuthor": comment.author == login,
        "isMinimized": comment.minimized is not None,
        "minimizedReason": comment.minimized,
        "viewerCanMinimize": True,
        "createdAt": WHEN,
    }
