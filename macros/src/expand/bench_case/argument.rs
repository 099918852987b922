//! One argument of the call that a case measures, its receiver included: how it is made, and how it comes
//! to the function.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, PatType};

use crate::callee::Owner;
use crate::paths::{self, Hotbench};
use crate::receiver::{Access, Receiver};
use crate::syntax;

/// An argument.
pub(super) struct Argument {
    /// Stands for the expression in errors.
    pub(super) name: Ident,
    /// Of where its value comes from.
    pub(super) source: Ident,
    /// What is evaluated: the value, or the reference that is hoisted.
    value: TokenStream,
    /// The type of `value`, where code outside the function can name it.
    ty: Option<TokenStream>,
    pub(super) way: Way,
    /// Whether its type is written as a long array.
    may_be_large: bool,
    receiver: Option<Receiver>,
}

/// How an argument comes to the function.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Way {
    /// `&T`: evaluated once.
    Hoisted,
    /// `&mut T`: a value of its own for each call.
    Lent,
    /// `&mut self`: a value for each batch of calls.
    Kept,
    /// By value.
    Owned,
}

impl Argument {
    pub(super) fn of_parameter(
        index: usize,
        value: &Expr,
        input: &PatType,
        executor: &Ident,
    ) -> Self {
        let way = if syntax::is_lent(input) {
            Way::Lent
        } else if syntax::is_reference(input) {
            Way::Hoisted
        } else {
            Way::Owned
        };
        // What is lent may have another type than the parameter's, to which it is coerced.
        let ty = input.ty.to_token_stream();
        let ty = Some(ty).filter(|ty| way != Way::Lent && is_nameable(ty.clone()));
        let made = syntax::lent_value(value).filter(|_| way == Way::Lent);
        Self {
            name: paths::local(format_args!("arg{index}"), value.span()),
            source: paths::local(format_args!("source{index}"), value.span()),
            value: run(made.unwrap_or(value), executor),
            ty,
            way,
            may_be_large: syntax::may_be_large(&input.ty),
            receiver: None,
        }
    }

    /// The receiver, made by `with`, which may be of another type where that of a `Self` has no size.
    pub(super) fn of_receiver(
        receiver: Receiver,
        with: &Expr,
        per_call: bool,
        owner: &Owner,
        runtime: &Hotbench,
        executor: &Ident,
    ) -> Self {
        let made = receiver.make(runtime, &run(with, executor));
        let way = match receiver.access {
            Access::Owned => Way::Owned,
            Access::Shared => Way::Hoisted,
            Access::Mutable if per_call => Way::Lent,
            Access::Mutable => Way::Kept,
        };
        let ty = match way {
            Way::Hoisted => Some(owner.ty()),
            _ => owner.sized_ty(),
        };
        let ty = ty.filter(|_| receiver.is_plain());
        let borrow = (way == Way::Hoisted).then(|| quote_spanned!(with.span()=> &));
        Self {
            name: paths::local("receiver", with.span()),
            source: paths::local("source", with.span()),
            value: quote!(#borrow #made),
            ty: ty.map(|ty| quote!(#borrow #ty)),
            way,
            may_be_large: false,
            receiver: Some(receiver),
        }
    }

    pub(super) fn value(&self) -> &TokenStream {
        &self.value
    }

    /// Turns the reference into one of the parameter's type here, where an error is about the
    /// argument and nothing else.
    pub(super) fn coerced(&self) -> Option<TokenStream> {
        let (name, ty) = (&self.name, self.ty.as_ref()?);
        Some(quote_spanned!(name.span()=> let #name: #ty = #name;))
    }

    /// Where the routine gets the value from.
    pub(super) fn made_by(&self, runtime: &Hotbench) -> TokenStream {
        let name = &self.name;
        if self.way == Way::Lent {
            let lent = runtime.private("lent");
            quote!(#lent(&#name))
        } else {
            let source = if self.may_be_large {
                "__hotbench_large_source"
            } else {
                "__hotbench_source"
            };
            let source = Ident::new(source, Span::mixed_site());
            quote!((&#name).#source())
        }
    }

    /// The routine's binding of what was made for the call.
    pub(super) fn bound(&self) -> TokenStream {
        let name = &self.name;
        let mutability = (self.way == Way::Lent).then(|| quote!(mut));
        quote!(#mutability #name)
    }

    /// What the function is called with.
    pub(super) fn passed(&self) -> TokenStream {
        let Self { name, source, .. } = self;
        let passed = match self.way {
            Way::Lent => quote_spanned!(name.span()=> &mut #name),
            Way::Owned => quote_spanned!(name.span()=> #source.pass(#name)),
            Way::Hoisted | Way::Kept => quote!(#name),
        };
        match &self.receiver {
            Some(receiver) => receiver.pass(passed),
            None => passed,
        }
    }

    /// Whether a receiver is made of what is passed.
    pub(super) fn is_wrapped(&self) -> bool {
        self.receiver.is_some()
    }

    /// A closure that makes the value. With its type, so that literals and `into()` are inferred.
    pub(super) fn maker(&self) -> TokenStream {
        let value = &self.value;
        if let Some(ty) = &self.ty {
            quote_spanned!(self.name.span()=> || -> #ty { #value })
        } else {
            quote_spanned!(self.name.span()=> || #value)
        }
    }
}

/// The expression; an `async` block is run to its end for its value.
fn run(value: &Expr, executor: &Ident) -> TokenStream {
    match value {
        Expr::Async(_) => quote_spanned!(value.span()=> #executor.block_on(#value)),
        Expr::Group(group) => run(&group.expr, executor),
        Expr::Reference(reference) if syntax::is_async(&reference.expr) => {
            let mutability = &reference.mutability;
            let value = run(&reference.expr, executor);
            quote_spanned!(reference.span()=> &#mutability #value)
        }
        value => value.to_token_stream(),
    }
}

/// Whether a type reads the same outside the signature: no `impl Trait`, no lifetime parameter, no `Self`.
fn is_nameable(ty: TokenStream) -> bool {
    let mut after_quote = false;
    ty.into_iter().all(|token| match token {
        TokenTree::Group(group) => is_nameable(group.stream()),
        TokenTree::Ident(ident) => {
            let lifetime = std::mem::take(&mut after_quote);
            ident != "impl" && ident != "Self" && (!lifetime || ident == "static" || ident == "_")
        }
        TokenTree::Punct(punct) => {
            after_quote = punct.as_char() == '\'';
            true
        }
        TokenTree::Literal(_) => true,
    })
}
