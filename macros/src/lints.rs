//! Lint attributes on a function whose body, or whose parameters, an expansion binds anew.

use syn::punctuated::Punctuated;
use syn::{Attribute, FnArg, Meta, Token};

use crate::item::{self, Function};

/// The attributes that say how lints go.
const LEVELS: [&str; 5] = ["allow", "deny", "expect", "forbid", "warn"];

/// Turns `#[expect]` on the function and on its parameters into `#[allow]`.
///
/// A lint may look at the whole function, whether a parameter is moved or a future awaited, and in the live form see
/// something else. Then what is expected would not be found.
pub(crate) fn allow_what_is_expected(function: &mut Function) {
    function.attrs.iter_mut().for_each(allow);
    for input in &mut function.sig.inputs {
        let attrs = match input {
            FnArg::Typed(input) => &mut input.attrs,
            FnArg::Receiver(receiver) => &mut receiver.attrs,
        };
        attrs.iter_mut().for_each(allow);
    }
}

/// Whether a lint is expected of the function or of a parameter.
pub(crate) fn is_any_expected(function: &Function) -> bool {
    let of_inputs = function.sig.inputs.iter().flat_map(|input| match input {
        FnArg::Typed(input) => &input.attrs,
        FnArg::Receiver(receiver) => &receiver.attrs,
    });
    function.attrs.iter().chain(of_inputs).any(|attr| {
        is_expect(&attr.meta)
            || item::conditional(attr).is_some_and(|(_, metas)| metas.iter().any(is_expect))
    })
}

fn is_expect(meta: &Meta) -> bool {
    meta.path().is_ident("expect")
}

fn allow(attr: &mut Attribute) {
    if is_expect(&attr.meta) {
        allow_meta(&mut attr.meta);
    } else if let Some((condition, mut metas)) = item::conditional(attr)
        && metas.iter().any(is_expect)
    {
        metas.iter_mut().for_each(allow_meta);
        let metas: Punctuated<Meta, Token![,]> = metas.into_iter().collect();
        attr.meta = syn::parse_quote!(cfg_attr(#condition, #metas));
    }
}

fn allow_meta(meta: &mut Meta) {
    if let Meta::List(list) = meta
        && list.path.is_ident("expect")
    {
        list.path = syn::parse_quote!(allow);
    }
}

/// The attributes of a parameter that its second binding needs: under which conditions it is there, and how lints go.
/// All others are helpers of some other attribute.
pub(crate) fn of_binding(attrs: &[Attribute]) -> Vec<Attribute> {
    let is_kept = |meta: &Meta| {
        meta.path().is_ident("cfg") || LEVELS.iter().any(|level| meta.path().is_ident(level))
    };
    let of_binding = attrs.iter().filter_map(|attr| {
        if is_kept(&attr.meta) {
            return Some(attr.clone());
        }
        let (condition, mut metas) = item::conditional(attr)?;
        metas.retain(is_kept);
        let metas: Punctuated<Meta, Token![,]> = metas.into_iter().collect();
        (!metas.is_empty()).then(|| syn::parse_quote!(#[cfg_attr(#condition, #metas)]))
    });
    of_binding.collect()
}
