//! The receiver of a method, and how `with = EXPR`, which makes a `Self`, becomes it.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericArgument, Path, PathArguments, Type};

use crate::paths::Hotbench;
use crate::syntax::bare;

/// What a method takes as its `self`.
pub(crate) struct Receiver {
    pub(crate) access: Access,
    /// What wraps a `Self`, from the outside in: `Rc::new`.
    wrappers: Vec<TokenStream>,
    /// Whether it is a `Pin` of a reference.
    is_pinned: bool,
}

/// What the method may do with it.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Access {
    /// `self`, `self: Box<Self>`
    Owned,
    /// `&self`, `self: Pin<&Self>`
    Shared,
    /// `&mut self`, `self: Pin<&mut Self>`
    Mutable,
}

impl Receiver {
    /// The receiver, if it is of a form that can be made from a `Self`.
    pub(crate) fn of(receiver: &syn::Receiver) -> Option<Self> {
        let of_reference = |mutable: bool| {
            if mutable {
                Access::Mutable
            } else {
                Access::Shared
            }
        };
        let plain = |access, wrappers, is_pinned| Self {
            access,
            wrappers,
            is_pinned,
        };
        match &receiver.kind {
            syn::ReceiverKind::Value => Some(plain(Access::Owned, Vec::new(), false)),
            syn::ReceiverKind::Reference(_, _, mutability) => {
                Some(plain(of_reference(mutability.is_some()), Vec::new(), false))
            }
            syn::ReceiverKind::Typed(_, ty) => {
                if let Type::Reference(reference) = bare(ty) {
                    let access = of_reference(reference.mutability.is_some());
                    return Some(plain(access, wrappers(&reference.elem)?, false));
                }
                if let Some(Type::Reference(reference)) = pin(ty) {
                    let access = of_reference(reference.mutability.is_some());
                    return Some(plain(access, wrappers(&reference.elem)?, true));
                }
                Some(plain(Access::Owned, wrappers(ty)?, false))
            }
            _ => None,
        }
    }

    /// The value that the receiver is, or borrows.
    pub(crate) fn make(&self, runtime: &Hotbench, with: &TokenStream) -> TokenStream {
        let wrap = |value: TokenStream, wrapper: &TokenStream| quote_spanned!(with.span()=> #wrapper(#value));
        let made = self.wrappers.iter().rev().fold(with.clone(), wrap);
        if self.is_pinned {
            let pinned = runtime.private("pinned");
            return quote_spanned!(with.span()=> #pinned(#made));
        }
        made
    }

    /// What the method is called with, where `made` is what [`make`](Self::make) made, or a reference to
    /// it where it is borrowed.
    pub(crate) fn pass(&self, made: TokenStream) -> TokenStream {
        match (self.access, self.is_pinned) {
            (Access::Shared, true) => quote!(::core::pin::Pin::as_ref(#made)),
            (Access::Mutable, true) => quote!(::core::pin::Pin::as_mut(#made)),
            _ => made,
        }
    }

    /// Whether what is made is a `Self`, and nothing around it.
    pub(crate) fn is_plain(&self) -> bool {
        self.wrappers.is_empty() && !self.is_pinned
    }
}

/// The constructors that make a `ty` of a `Self`, from the outside in.
fn wrappers(ty: &Type) -> Option<Vec<TokenStream>> {
    let Type::Path(path) = bare(ty) else {
        return None;
    };
    if path.path.is_ident("Self") {
        return Some(Vec::new());
    }
    let (constructor, inner) = if let Some(pointer) = pin(ty) {
        let Type::Path(pointer) = pointer else {
            return None;
        };
        (constructor(&pointer.path, "pin"), pointer)
    } else {
        (constructor(&path.path, "new"), path)
    };
    let mut wrappers = wrappers(argument(&inner.path)?)?;
    wrappers.insert(0, constructor);
    Some(wrappers)
}

/// `Rc::new`, of `Rc<Self>`.
fn constructor(path: &Path, name: &str) -> TokenStream {
    let mut path = path.clone();
    if let Some(last) = path.segments.last_mut() {
        last.arguments = PathArguments::None;
    }
    let name = format_ident!("{name}");
    quote!(#path::#name)
}

/// What `Pin<P>` has pinned.
fn pin(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = bare(ty) else {
        return None;
    };
    let is_pin = path.path.segments.last()?.ident == "Pin";
    argument(&path.path).filter(|_| is_pin).map(bare)
}

/// The one type that a path is of.
fn argument(path: &Path) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &path.segments.last()?.arguments else {
        return None;
    };
    match arguments.args.first() {
        Some(GenericArgument::Type(ty)) if arguments.args.len() == 1 => Some(ty),
        _ => None,
    }
}
