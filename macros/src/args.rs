//! The grammar that all attributes share: `"name", flag, key = EXPR, list(EXPR, …)`.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Expr, Ident, Lit, LitStr, Path, Token, Type};

use crate::ctxt::Ctxt;

/// What an argument looks like after its name.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Shape {
    Flag,
    Value,
    List,
    /// A list of types.
    Types,
    /// `for NAME in EXPR`, of which there may be several.
    Sweep,
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
    /// The name that a sweep gives its values.
    pub(crate) binding: Option<Ident>,
    pub(crate) values: Values,
}

/// What an argument has after its name.
#[derive(Default)]
pub(crate) struct Values {
    pub(crate) exprs: Vec<Expr>,
    pub(crate) types: Vec<Type>,
}

impl From<Vec<Expr>> for Values {
    fn from(exprs: Vec<Expr>) -> Self {
        Self {
            exprs,
            ..Self::default()
        }
    }
}

/// The arguments of one use of an attribute.
#[derive(Default)]
pub(crate) struct Arguments {
    pub(crate) name: Option<LitStr>,
    pub(crate) rest: Vec<Argument>,
    /// Whether any was wrong and left out: then rules about what is missing would mislead.
    pub(crate) rejected: bool,
}

impl Grammar {
    /// Parses `tokens`; every wrong argument is reported and left out, the others are kept.
    pub(crate) fn parse(&self, ctxt: &mut Ctxt, tokens: TokenStream) -> Arguments {
        let mut arguments = Arguments::default();
        let parse_all = |input: ParseStream<'_>| {
            let mut first = true;
            while !input.is_empty() {
                if let Err(error) = self.parse_one(input, first, &mut arguments) {
                    ctxt.push(error);
                    arguments.rejected = true;
                    skip_to_comma(input);
                }
                first = false;
                input.parse::<Option<Token![,]>>()?;
            }
            Ok(())
        };
        if let Err(error) = parse_all.parse2(tokens) {
            ctxt.push(error);
        }
        arguments
    }

    /// Parses one argument, up to the comma after it.
    fn parse_one(
        &self,
        input: ParseStream<'_>,
        first: bool,
        arguments: &mut Arguments,
    ) -> syn::Result<()> {
        if input.peek(Lit) {
            return match input.parse()? {
                Lit::Str(name) if self.named && first => {
                    arguments.name = Some(name);
                    comma_follows(input)
                }
                literal => Err(syn::Error::new_spanned(literal, self.misplaced_literal())),
            };
        }
        let name = input.call(Ident::parse_any).map_err(|error| {
            let message = format!("expected an argument; {}", self.takes());
            syn::Error::new(error.span(), message)
        })?;
        let wrong = |message: String| Err(syn::Error::new_spanned(&name, message));
        let Some(form) = self.forms.iter().find(|form| name == form.name) else {
            return wrong(match self.similar(&name.to_string()) {
                Some(form) => format!(
                    "unknown argument `{name}`; did you mean `{}`, as in `{}`?",
                    form.name, form.shown
                ),
                None => format!("unknown argument `{name}`; {}", self.takes()),
            });
        };
        if !form.shape.is_at(input) {
            return wrong(match form.shape {
                Shape::Flag => format!("`{name}` takes no value"),
                Shape::List if form.name == "args" && Shape::at(input) == Some(Shape::Value) => {
                    format!(
                        "`args` is written `{}`, with one expression for each parameter; for a case for each of \
                         some values, write `for n in [1, 2, 3], args(n)`",
                        form.shown
                    )
                }
                Shape::Sweep if Shape::at(input) == Some(Shape::List) => format!(
                    "`{name}` takes one name, and values that may be tuples: \
                     `for pair in [(1, 2), (3, 4)], args(pair.0, pair.1)`"
                ),
                _ => format!("`{name}` is written `{}`", form.shown),
            });
        }
        let is_repeated = arguments.rest.iter().any(|known| known.name == name);
        if is_repeated && form.shape != Shape::Sweep {
            return wrong(format!("`{name}` is given twice"));
        }
        let binding = form.shape.parse_binding(input)?;
        let values = form.shape.parse(input)?;
        comma_follows(input)?;
        arguments.rest.push(Argument {
            name,
            binding,
            values,
        });
        Ok(())
    }

    /// The argument whose name is most like `name`, if one is at all.
    fn similar(&self, name: &str) -> Option<&Form> {
        const LIKE: f64 = 0.8;
        let likeness = |form: &&Form| strsim::jaro_winkler(form.name, name);
        let most = |a: &&Form, b: &&Form| likeness(a).total_cmp(&likeness(b));
        self.forms
            .iter()
            .max_by(most)
            .filter(|form| likeness(form) > LIKE)
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

impl Shape {
    fn is_at(self, input: ParseStream<'_>) -> bool {
        let at = Self::at(input);
        // What a list is of is not seen from outside.
        at == Some(self) || (self == Self::Types && at == Some(Self::List))
    }

    /// The shape of what comes after an argument's name.
    fn at(input: ParseStream<'_>) -> Option<Self> {
        let ends = |input: ParseStream<'_>| input.is_empty() || input.peek(Token![,]);
        if input.peek(Ident) && input.peek2(Token![in]) {
            return Some(Self::Sweep);
        }
        if ends(input) {
            return Some(Self::Flag);
        }
        let rest = input.fork();
        if rest.parse::<Token![=]>().is_ok() {
            return (!ends(&rest)).then_some(Self::Value);
        }
        input.peek(syn::token::Paren).then_some(Self::List)
    }

    /// The part of a sweep before its values.
    fn parse_binding(self, input: ParseStream<'_>) -> syn::Result<Option<Ident>> {
        if self != Self::Sweep {
            return Ok(None);
        }
        let binding = input.parse()?;
        input.parse::<Token![in]>()?;
        Ok(Some(binding))
    }

    fn parse(self, input: ParseStream<'_>) -> syn::Result<Values> {
        match self {
            Self::Flag => Ok(Values::default()),
            Self::Value => {
                input.parse::<Token![=]>()?;
                Ok(vec![input.parse()?].into())
            }
            Self::Sweep => Ok(vec![input.parse()?].into()),
            Self::List => {
                // Parsed apart from `input`, which would report what is left of a list besides the
                // error that ended it.
                let list: proc_macro2::Group = input.parse()?;
                let values = Punctuated::<Expr, Token![,]>::parse_terminated;
                let values: Vec<Expr> = values.parse2(list.stream())?.into_iter().collect();
                Ok(values.into())
            }
            Self::Types => {
                let list: proc_macro2::Group = input.parse()?;
                let types = Punctuated::<Type, Token![,]>::parse_terminated;
                let types = types
                    .parse2(list.stream())
                    .map_err(|error| syn::Error::new(error.span(), "expected a type"))?;
                Ok(Values {
                    types: types.into_iter().collect(),
                    ..Values::default()
                })
            }
        }
    }
}

fn comma_follows(input: ParseStream<'_>) -> syn::Result<()> {
    if input.is_empty() || input.peek(Token![,]) {
        Ok(())
    } else {
        Err(input.error("expected `,`"))
    }
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
        self.values.exprs.pop()
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
