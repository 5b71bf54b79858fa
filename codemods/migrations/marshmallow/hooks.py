"""Lets methods of schemas and fields take what later versions of marshmallow hand them: `**kwargs`."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial

import libcst as cst

from codemods import guards, layout, names, nodes

_SPACE = cst.SimpleWhitespace(" ")


def under(module: cst.Module, decorators: frozenset[str]) -> Iterator[cst.FunctionDef]:
    """Yield the methods that stand under one of some decorators of marshmallow, and under no other one."""
    known = names.of(module)
    for function in nodes.of(module).all(cst.FunctionDef):
        above = [d.decorator for d in function.decorators]
        full = {known.qualified(d.func if isinstance(d, cst.Call) else d) for d in above}
        inside = isinstance(nodes.of(module).above.get(nodes.of(module).above[function]), cst.ClassDef)
        if full and full <= decorators and inside:
            yield function


def wider(function: cst.FunctionDef, handed: Collection[str], module: cst.Module) -> nodes.Change | None:
    """Return what lets a method take any keyword; None where it takes those that are handed, or cannot.

    It cannot where it has a variable of that name, or a comment among its parameters.
    """
    own = function.params
    taken = {p.name.value for p in (*own.posonly_params, *own.params, *own.kwonly_params)}
    is_named = any(isinstance(n, cst.Name) and n.value == "kwargs" for n in nodes.walk(function))
    if own.star_kwarg or taken.issuperset(handed) or is_named or function.asynchronous:
        return None
    if not own.params or nodes.comments(own) or guards.for_some_versions(function, module):
        return None
    return partial(_widened, module, function)


def _widened(module: cst.Module, function: cst.FunctionDef, updated: cst.CSTNode) -> cst.FunctionDef:
    new = cst.ensure_type(updated, cst.FunctionDef).with_changes(params=_params(function))
    plain = function.with_changes(params=_params(function))
    if "\n" in module.code_for_node(function.params) or layout.fits(module, function, plain):
        return new
    inner = cst.ParenthesizedWhitespace(indent=True, last_line=cst.SimpleWhitespace(module.default_indent))
    last = new.params.star_kwarg
    end = last.with_changes(whitespace_after_param=cst.ParenthesizedWhitespace(indent=True)) if last else None
    return new.with_changes(whitespace_before_params=inner, params=new.params.with_changes(star_kwarg=end))


def _params(function: cst.FunctionDef) -> cst.Parameters:
    """Return the parameters with one more at the end, in a line of its own where each has one."""
    own = function.params
    every = [
        *own.params,
        *([own.star_arg] if isinstance(own.star_arg, cst.Param) else []),
        *own.kwonly_params,
    ]
    last = every[-1]
    tail = last.comma if isinstance(last.comma, cst.Comma) else None
    annotated = function.returns or any(p.annotation for p in every)
    more = cst.Param(
        cst.Name("kwargs"),
        star="**",
        annotation=cst.Annotation(cst.Name("object")) if annotated else None,
        comma=tail or cst.MaybeSentinel.DEFAULT,
        whitespace_after_param=cst.SimpleWhitespace("") if tail else last.whitespace_after_param,
    )
    before = every[-2].comma if len(every) > 1 else None
    space = before.whitespace_after if isinstance(before, cst.Comma) else _SPACE
    if tail and len(every) == 1:
        space = function.whitespace_before_params
    kept = last.with_changes(
        comma=cst.Comma(whitespace_after=space), whitespace_after_param=cst.SimpleWhitespace("")
    )
    swap = {last: kept}
    return own.with_changes(
        params=[swap.get(p, p) for p in own.params],
        star_arg=swap.get(own.star_arg, own.star_arg)
        if isinstance(own.star_arg, cst.Param)
        else own.star_arg,
        kwonly_params=[swap.get(p, p) for p in own.kwonly_params],
        star_kwarg=more,
    )
