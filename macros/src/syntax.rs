//! Questions that rules and expansions ask of the syntax: what is written, not what it means.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Expr, FnArg, GenericArgument, Pat, PatType, PathArguments, ReceiverKind, ReturnType, Signature,
    Type, TypeReference,
};

use crate::callee::Callee;

/// The type without parentheses, and without the invisible ones of a `macro_rules!` fragment.
pub(crate) fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => bare(&group.elem),
        Type::Paren(paren) => bare(&paren.elem),
        ty => ty,
    }
}

pub(crate) fn reference(ty: &Type) -> Option<&TypeReference> {
    match bare(ty) {
        Type::Reference(reference) => Some(reference),
        _ => None,
    }
}

/// `Pin<&mut Self>`, which has nothing to drop.
fn is_pinned_reference(ty: &Type) -> bool {
    let Type::Path(path) = bare(ty) else {
        return false;
    };
    let last = path.path.segments.last();
    let Some(PathArguments::AngleBracketed(arguments)) = last
        .filter(|last| last.ident == "Pin")
        .map(|last| &last.arguments)
    else {
        return false;
    };
    matches!(arguments.args.first(), Some(GenericArgument::Type(ty)) if reference(ty).is_some())
}

/// Whether a value of the type is known to have nothing to drop, as it is written: references, numbers, and what is
/// made of them.
pub(crate) fn has_nothing_to_drop(ty: &Type) -> bool {
    const PRIMITIVES: [&str; 17] = [
        "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16",
        "u32", "u64", "u128", "usize", "str",
    ];
    match bare(ty) {
        Type::Reference(_) | Type::Ptr(_) | Type::FnPtr(_) | Type::Never(_) => true,
        Type::Array(array) => has_nothing_to_drop(&array.elem),
        Type::Tuple(tuple) => tuple.elems.iter().all(has_nothing_to_drop),
        Type::Path(path) => PRIMITIVES.iter().any(|name| path.path.is_ident(name)),
        _ => false,
    }
}

/// Whether the type is an array that is not known to be short, as it is written.
pub(crate) fn may_be_large(ty: &Type) -> bool {
    const SHORT: usize = 256;
    let Type::Array(array) = bare(ty) else {
        return false;
    };
    let is_short = match &array.len {
        Expr::Lit(syn::ExprLit {
            lit: syn::Lit::Int(len),
            ..
        }) => len.base10_parse::<usize>().is_ok_and(|len| len <= SHORT),
        _ => false,
    };
    !is_short || may_be_large(&array.elem)
}

/// Those beside the receiver.
pub(crate) fn parameters(sig: &Signature) -> impl Iterator<Item = &PatType> {
    sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(input) => Some(input),
        FnArg::Receiver(_) => None,
    })
}

/// Whether the parameter is written as a reference.
pub(crate) fn is_reference(input: &PatType) -> bool {
    reference(&input.ty).is_some()
}

/// Whether the parameter is written as `&mut T`.
pub(crate) fn is_lent(input: &PatType) -> bool {
    reference(&input.ty).is_some_and(|reference| reference.mutability.is_some())
}

/// What `&mut EXPR` borrows.
pub(crate) fn lent_value(value: &Expr) -> Option<&Expr> {
    match value {
        Expr::Group(group) => lent_value(&group.expr),
        Expr::Paren(paren) => lent_value(&paren.expr),
        Expr::Reference(reference) if reference.mutability.is_some() => Some(&reference.expr),
        _ => None,
    }
}

/// Whether it is an `async` block, or a reference to one.
pub(crate) fn is_async(value: &Expr) -> bool {
    match value {
        Expr::Async(_) => true,
        Expr::Group(group) => is_async(&group.expr),
        Expr::Reference(reference) => is_async(&reference.expr),
        _ => false,
    }
}

/// The parameter whose type is a `Bencher`, in whatever form.
pub(crate) fn mentions_bencher(sig: &Signature) -> Option<&PatType> {
    sig.inputs.iter().find_map(|input| match input {
        FnArg::Typed(input) => {
            let ty = reference(&input.ty).map_or(&*input.ty, |reference| &*reference.elem);
            let Type::Path(path) = bare(ty) else {
                return None;
            };
            let last = path.path.segments.last()?;
            (last.ident == "Bencher").then_some(input)
        }
        FnArg::Receiver(_) => None,
    })
}

/// Whether the case drives the measurement itself.
pub(crate) fn takes_bencher(sig: &Signature) -> bool {
    mentions_bencher(sig).is_some()
}

/// Whether the receiver is owned by the call, and so dropped at its end.
pub(crate) fn owns_receiver(sig: &Signature) -> bool {
    sig.receiver().is_some_and(|receiver| match &receiver.kind {
        ReceiverKind::Value => true,
        ReceiverKind::Typed(_, ty) => reference(ty).is_none() && !is_pinned_reference(ty),
        _ => false,
    })
}

/// Whether the result is written with a lifetime that may be an argument's: a `&` without one, or one
/// that is neither `'static` nor a parameter of the `impl`.
pub(crate) fn may_borrow(callee: &Callee<'_>) -> bool {
    fn in_tokens(tokens: TokenStream, of_impl: &[String]) -> bool {
        let mut before = String::new();
        tokens.into_iter().any(|token| {
            let text = match &token {
                TokenTree::Group(group) => {
                    return before == "&" || in_tokens(group.stream(), of_impl);
                }
                token => token.to_string(),
            };
            let before = std::mem::replace(&mut before, text.clone());
            let is_longer = text == "static" || of_impl.contains(&text);
            (before == "&" && text != "'") || (before == "'" && !is_longer)
        })
    }
    let of_impl = callee.owner.map_or(&[][..], |owner| &owner.lifetimes);
    matches!(&callee.function.sig.output, ReturnType::Type(_, ty)
        if in_tokens(ty.to_token_stream(), of_impl))
}

/// Whether the result is an `impl Trait` that does not say what it captures: since edition 2024 all
/// lifetimes, before that none.
pub(crate) fn may_capture(sig: &Signature) -> bool {
    let output = sig.output.to_token_stream();
    mentions(output.clone(), "impl") && !mentions(output, "use")
}

/// Whether an expression may name what differs between instances of the function: `Self`, one of its generic parameters,
/// or one of the `impl` around it, which is not seen from the function and told by its name.
pub(crate) fn depends_on_generics(expr: TokenStream, sig: &Signature) -> bool {
    let is_of_function = |name: &proc_macro2::Ident| {
        let mut types = sig.generics.type_params().map(|param| &param.ident);
        let mut consts = sig.generics.const_params().map(|param| &param.ident);
        types.any(|param| param == name) || consts.any(|param| param == name)
    };
    expr.into_iter().any(|token| match token {
        TokenTree::Group(group) => depends_on_generics(group.stream(), sig),
        TokenTree::Ident(name) => {
            let text = name.to_string();
            let is_short = text.len() == 1 && text.chars().all(char::is_uppercase);
            text == "Self" || is_short || is_of_function(&name)
        }
        _ => false,
    })
}

/// Whether what the function returns looks like a future itself.
pub(crate) fn may_be_awaited(sig: &Signature) -> bool {
    const FUTURES: [&str; 9] = [
        "Future", "Fut", "Handle", "Pin", "Ready", "Receiver", "Sleep", "dyn", "impl",
    ];
    fn in_tokens(tokens: TokenStream, sig: &Signature) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Group(group) => in_tokens(group.stream(), sig),
            TokenTree::Ident(ident) => {
                let name = ident.to_string();
                FUTURES.iter().any(|future| name.ends_with(future))
                    || sig.generics.type_params().any(|param| param.ident == ident)
            }
            _ => false,
        })
    }
    in_tokens(sig.output.to_token_stream(), sig)
}

/// The name of a parameter whose pattern is one plain name.
pub(crate) fn plain_name(pat: &Pat) -> Option<&syn::PatIdent> {
    match pat {
        Pat::Ident(pat) if pat.by_ref.is_none() && pat.subpat.is_none() => Some(pat),
        _ => None,
    }
}

/// Whether any of the tokens, however deep, is this word.
pub(crate) fn mentions(tokens: TokenStream, word: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => mentions(group.stream(), word),
        TokenTree::Ident(ident) => ident == word,
        _ => false,
    })
}
