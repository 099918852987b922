//! The grammar that all attributes share: `"name", flag, key = EXPR, list(EXPR, …)`.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Expr, Ident, Lit, LitStr, Path, Token};

use crate::ctxt::Ctxt;

/// What an argument looks like after its name.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Shape {
    Flag,
    Value,
    List,
}

/// One argument that an attribute takes.
pub(crate) struct Form {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    /// As the user writes it, for messages.
    pub(crate) shown: &'static str,
}

/// What one attribute takes.
pub(crate) struct Grammar {
    pub(crate) attribute: &'static str,
    /// Whether a string may come first: the name of a case.
    pub(crate) named: bool,
    pub(crate) forms: &'static [Form],
}

/// `crate = path`, which every attribute takes.
pub(crate) const CRATE: Form = Form {
    name: "crate",
    shape: Shape::Value,
    shown: "crate = path",
};

/// An argument whose name is known and whose shape is right.
pub(crate) struct Argument {
    pub(crate) name: Ident,
    pub(crate) values: Vec<Expr>,
}

/// The arguments of one use of an attribute.
#[derive(Default)]
pub(crate) struct Arguments {
    pub(crate) name: Option<LitStr>,
    pub(crate) rest: Vec<Argument>,
}

impl Grammar {
    /// Parses `tokens`; every wrong argument is reported and left out, the others are kept.
    pub(crate) fn parse(&self, ctxt: &mut Ctxt, tokens: TokenStream) -> Arguments {
        let mut arguments = Arguments::default();
        let parse_all = |input: ParseStream<'_>| {
            let mut first = true;
            while !input.is_empty() {
                if let Err(error) = self.parse_one(ctxt, input, first, &mut arguments) {
                    ctxt.push(error);
                    skip_to_comma(input);
                }
                first = false;
                if !input.is_empty()
                    && let Err(error) = input.parse::<Token![,]>()
                {
                    ctxt.push(error);
                    skip_to_comma(input);
                    input.parse::<Option<Token![,]>>()?;
                }
            }
            Ok(())
        };
        if let Err(error) = parse_all.parse2(tokens) {
            ctxt.push(error);
        }
        arguments
    }

    fn parse_one(
        &self,
        ctxt: &mut Ctxt,
        input: ParseStream<'_>,
        first: bool,
        arguments: &mut Arguments,
    ) -> syn::Result<()> {
        if input.peek(Lit) {
            let literal: Lit = input.parse()?;
            match literal {
                Lit::Str(name) if self.named && first => arguments.name = Some(name),
                _ => ctxt.error(&literal, self.misplaced_literal()),
            }
            return Ok(());
        }
        let name = input.call(Ident::parse_any).map_err(|error| {
            syn::Error::new(
                error.span(),
                format!("expected an argument; {}", self.takes()),
            )
        })?;
        let (shape, values) = parse_values(input)?;
        let Some(form) = self.forms.iter().find(|form| name == form.name) else {
            ctxt.error(
                &name,
                format!("unknown argument `{name}`; {}", self.takes()),
            );
            return Ok(());
        };
        if shape != form.shape {
            ctxt.error(&name, format!("`{name}` is written `{}`", form.shown));
        } else if arguments.rest.iter().any(|known| known.name == name) {
            ctxt.error(&name, format!("`{name}` is given twice"));
        } else {
            arguments.rest.push(Argument { name, values });
        }
        Ok(())
    }

    fn misplaced_literal(&self) -> String {
        if self.named {
            "the case's name is one string and comes first: `#[bench_case(\"name\", …)]`".to_owned()
        } else {
            format!("expected an argument; {}", self.takes())
        }
    }

    fn takes(&self) -> String {
        let name = self.named.then_some("\"name\"");
        let forms = name
            .into_iter()
            .chain(self.forms.iter().map(|form| form.shown));
        let forms: Vec<String> = forms.map(|form| format!("`{form}`")).collect();
        format!("`#[{}]` takes {}", self.attribute, forms.join(", "))
    }
}

fn parse_values(input: ParseStream<'_>) -> syn::Result<(Shape, Vec<Expr>)> {
    if input.parse::<Option<Token![=]>>()?.is_some() {
        return Ok((Shape::Value, vec![input.parse()?]));
    }
    if !input.peek(syn::token::Paren) {
        return Ok((Shape::Flag, Vec::new()));
    }
    let list;
    syn::parenthesized!(list in input);
    let values = Punctuated::<Expr, Token![,]>::parse_terminated(&list)?;
    Ok((Shape::List, values.into_iter().collect()))
}

fn skip_to_comma(input: ParseStream<'_>) {
    while !input.is_empty() && !input.peek(Token![,]) {
        // A token tree always parses where input is left.
        let _ = input.parse::<TokenTree>();
    }
}

impl Argument {
    /// The one value of `key = EXPR`.
    pub(crate) fn value(mut self) -> Option<Expr> {
        self.values.pop()
    }

    /// The value, which must be a string literal.
    pub(crate) fn string(self, ctxt: &mut Ctxt) -> Option<LitStr> {
        let name = self.name.clone();
        match self.value()? {
            Expr::Lit(syn::ExprLit {
                lit: Lit::Str(string),
                ..
            }) => Some(string),
            other => {
                ctxt.error(other, format!("`{name}` takes a string: `{name} = \"…\"`"));
                None
            }
        }
    }

    /// The value, which must be a path.
    pub(crate) fn path(self, ctxt: &mut Ctxt) -> Option<Path> {
        let name = self.name.clone();
        match self.value()? {
            Expr::Path(path) => Some(path.path),
            other => {
                ctxt.error(
                    other,
                    format!("`{name}` takes a path: `{name} = my::hotbench`"),
                );
                None
            }
        }
    }

    pub(crate) fn span(&self) -> Span {
        self.name.span()
    }
}
