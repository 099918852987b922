//! `#[bench_case]`: the function as it stands, and beside it a routine that is registered.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, FnArg, Type};

use super::limit;

use crate::attr::bench_case::{BenchCase, Sweep};
use crate::check;
use crate::ctxt::Ctxt;
use crate::generics::{self, Choice};
use crate::item::{self, Function};
use crate::paths::{self, Runtime};

pub(crate) fn expand(
    ctxt: &mut Ctxt,
    args: TokenStream,
    item: &TokenStream,
) -> Option<TokenStream> {
    let case = BenchCase::parse(ctxt, args);
    let function = Function::parse(ctxt, "bench_case", item.clone())?;
    check::bench_case(ctxt, &case, &function);

    let runtime = case.runtime();
    let registrations = generics::choices(&case, &function.sig)
        .into_iter()
        .enumerate()
        .map(|(index, choice)| registration(&case, &function, index, &choice));
    let registration = quote!(#(#registrations)*);
    if check::takes_bencher(&function.sig) {
        let bench_only = runtime.private("bench_only");
        Some(quote!(#bench_only! { #item } #registration))
    } else {
        Some(quote!(#item #registration))
    }
}

fn registration(
    case: &BenchCase,
    function: &Function,
    index: usize,
    choice: &Choice,
) -> TokenStream {
    let gate = case.runtime().private("case");
    let routine = if check::takes_bencher(&function.sig) {
        own_routine(case, function, choice)
    } else {
        routine(case, function, choice)
    };
    let function_name = function.name();
    let (line, column) = function.place();
    let attribute_line = item::literal(Span::call_site().unwrap().line());
    let name = option(case.name.as_ref());
    let generics = option(
        choice
            .label
            .as_ref()
            .map(|label| quote!((#index, #label)))
            .as_ref(),
    );
    let group = option(case.group.as_ref());
    let baseline = case.baseline.is_some();
    let has_budget = case.has_budget();
    let ignore = case.ignore;
    let sweep = labels(case, choice);
    quote! {
        #gate! {
            function: #function_name,
            name: #name,
            generics: #generics,
            line: #line,
            column: #column,
            attribute_line: #attribute_line,
            group: #group,
            baseline: #baseline,
            has_budget: #has_budget,
            ignore: #ignore,
            sweep: { #sweep },
            routine: { #routine }
        }
    }
}

fn option(value: Option<&impl ToTokens>) -> TokenStream {
    if let Some(value) = value {
        quote!(::core::option::Option::Some(#value))
    } else {
        quote!(::core::option::Option::None)
    }
}

/// The function that shows the values of the sweeps, or nothing.
fn labels(case: &BenchCase, choice: &Choice) -> TokenStream {
    if case.sweeps.is_empty() {
        return quote!(::core::option::Option::None);
    }
    let private = |name| case.runtime().private(name);
    let [labels_type, label] = ["Labels", "Label"].map(private);
    let traits = ["ShownLabel", "DebugLabel"].map(private);
    let labels = paths::local("labels", Span::mixed_site());
    let names = case.sweeps.iter().map(|sweep| &sweep.name);
    let shown =
        names.map(|name| quote_spanned!(name.span()=> (&#label(&#name)).__hotbench_label()));
    let body = quote!(#labels.push(&[#(#shown),*]););
    let loops = choice.scope(&in_loops(case, &body));
    quote! {
        ::core::option::Option::Some({
            fn __hotbench_labels(#labels: &mut #labels_type) {
                use {#(#traits as _),*};
                #loops
            }
            __hotbench_labels
        })
    }
}

/// The sweeps around `body`, as nested loops: the values of an inner one may depend on those outside.
fn in_loops(case: &BenchCase, body: &TokenStream) -> TokenStream {
    let sweeps = case.sweeps.iter().rev();
    sweeps.fold(
        body.clone(),
        |body, Sweep { name, values }| quote!(for #name in #values { #body }),
    )
}

/// `body` for the value that the case is to be run with, which is the sweeps' `index`th.
fn at_index(case: &BenchCase, index: &Ident, body: TokenStream) -> TokenStream {
    if case.sweeps.is_empty() {
        return body;
    }
    let sweep_ended = case.runtime().private("sweep_ended");
    let left = paths::local("left", Span::mixed_site());
    let chosen = quote! {
        if #left == 0 {
            #body
            return;
        }
        #left -= 1;
    };
    let loops = in_loops(case, &chosen);
    quote! {
        let mut #left = #index;
        #loops
        #sweep_ended(#index)
    }
}

/// What is known of each call: its budget, and what it works on.
fn declaration(case: &BenchCase, bencher: &Ident) -> TokenStream {
    let runtime = case.runtime();
    let declared = runtime.private("Declared");
    let count = runtime.private("count");
    let max_allocs = match case.no_alloc {
        Some(_) => quote!(0),
        None => limit(case.max_allocs.as_ref()),
    };
    let max_bytes = limit(case.max_bytes.as_ref());
    let counted = |n: &Option<Expr>| {
        if let Some(n) = n {
            quote_spanned!(n.span()=> ::core::option::Option::Some(#count(#n)))
        } else {
            quote!(::core::option::Option::None)
        }
    };
    let bytes = counted(&case.throughput.bytes);
    let elements = counted(&case.throughput.elements);
    let sample_size = option(case.sample_size.as_ref());
    let warm_up_time = option(case.warm_up_time.as_ref());
    let measurement_time = option(case.measurement_time.as_ref());
    quote! {
        #bencher.__hotbench_declare(#declared {
            max_allocs: #max_allocs,
            max_bytes: #max_bytes,
            bytes: #bytes,
            elements: #elements,
            sample_size: #sample_size,
            warm_up_time: #warm_up_time,
            measurement_time: #measurement_time,
        });
    }
}

/// The function takes the `Bencher` itself.
fn own_routine(case: &BenchCase, function: &Function, choice: &Choice) -> TokenStream {
    let bencher_type = case.runtime().private("Bencher");
    let bencher = paths::local("bencher", Span::mixed_site());
    let name = &function.sig.ident;
    let declaration = declaration(case, &bencher);
    let turbofish = &choice.turbofish;
    let quiet = quiet(function);
    let measured = choice.scope(&quote! {
        #declaration
        #name #turbofish (#bencher)
    });
    quote! {
        #quiet
        fn __hotbench_routine(#bencher: &mut #bencher_type<'_>, _: ::core::primitive::usize) {
            #measured
        }
    }
}

/// A function that is deprecated is measured without a warning. Else nothing is allowed: that is an
/// error where the crate forbids the lint.
fn quiet(function: &Function) -> Option<TokenStream> {
    let mut attrs = function.attrs.iter();
    attrs
        .any(|attr| attr.path().is_ident("deprecated"))
        .then(|| quote!(#[allow(deprecated)]))
}

/// Calls the function with `args`.
///
/// References are hoisted into a `match`, which keeps their temporaries alive around the whole
/// measurement. Every other argument becomes a source: of one `Copy` value, or of a value made
/// afresh for each call, as a `&mut` is always lent one of its own. That goes out with the function's
/// output, so that its drop is not timed.
fn routine(case: &BenchCase, function: &Function, choice: &Choice) -> TokenStream {
    let runtime = case.runtime();
    let private = |name| runtime.private(name);
    let [bencher_type, call_case, make, black_box] =
        ["Bencher", "call_case", "Make", "black_box"].map(private);
    let traits = ["OnceSource", "FreshSource", "Source"].map(private);
    let bencher = paths::local("bencher", Span::mixed_site());
    let name = &function.sig.ident;

    let values: &[Expr] = case.args.as_ref().map_or(&[], |args| &args.values);
    let arguments: Vec<Argument<'_>> = values
        .iter()
        .zip(&function.sig.inputs)
        .enumerate()
        .map(|(index, (value, input))| Argument::new(index, value, input))
        .collect();
    let (hoisted, owned): (Vec<_>, Vec<_>) = arguments
        .iter()
        .partition(|argument| argument.way == Way::Hoisted);
    let lent = || owned.iter().filter(|argument| argument.way == Way::Lent);
    let lent_names: Vec<_> = lent().map(|argument| &argument.name).collect();

    let passed = arguments.iter().map(Argument::passed);
    let hoisted_names = hoisted.iter().map(|argument| &argument.name);
    let hoisted_values = hoisted.iter().map(|argument| argument.value);
    let coerced = hoisted.iter().filter_map(|argument| argument.coerced());
    let makers = owned.iter().map(|argument| argument.maker());
    let sources = owned.iter().map(|argument| argument.source(&runtime));
    let bound = owned.iter().map(|argument| argument.bound());
    let owned_names: Vec<_> = owned.iter().map(|argument| &argument.name).collect();
    let declaration = declaration(case, &bencher);
    let check = case
        .check
        .as_ref()
        .map(|(_, check)| check.to_token_stream());
    let check = check.unwrap_or_else(|| quote!(|_| ()));
    let turbofish = &choice.turbofish;
    let quiet = quiet(function);
    let call = quote!(#name #turbofish (#(#black_box(#passed)),*));
    let (call, check) = if lent_names.is_empty() {
        (call, check)
    } else if check::borrows(&function.sig.output) {
        (
            quote!({ #black_box(#call); (#(#lent_names,)*) }),
            quote!(|_| ()),
        )
    } else {
        let check_first = private("check_first");
        let returned = paths::local("returned", Span::mixed_site());
        (
            quote!((#call, (#(#lent_names,)*))),
            quote!(|#returned| #check_first(#returned, #check)),
        )
    };
    let index = paths::local("index", Span::mixed_site());
    let measured = quote! {
        #declaration
        match (#(#hoisted_values,)*) {
            (#(#hoisted_names,)*) => {
                #(#coerced)*
                #(let #owned_names = #make(#makers);)*
                #call_case(
                    #bencher,
                    (#(#sources,)*),
                    |(#(#bound,)*)| #call,
                    #check,
                );
            }
        }
    };
    let measured = choice.scope(&at_index(case, &index, measured));
    quote! {
        #quiet
        fn __hotbench_routine(#bencher: &mut #bencher_type<'_>, #index: ::core::primitive::usize) {
            use {#(#traits as _),*};
            #measured
        }
    }
}

struct Argument<'a> {
    /// Stands for the expression in errors.
    name: Ident,
    value: &'a Expr,
    /// The declared type, where code outside the function can name it.
    ty: Option<&'a Type>,
    way: Way,
}

/// How an argument comes to the function.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    /// `&T`: evaluated once.
    Hoisted,
    /// `&mut T`: a value of its own for each call.
    Lent,
    /// By value.
    Owned,
}

impl<'a> Argument<'a> {
    fn new(index: usize, value: &'a Expr, input: &'a FnArg) -> Self {
        let ty = match input {
            FnArg::Typed(input) => Some(&*input.ty),
            FnArg::Receiver(_) => None,
        };
        Self {
            name: paths::local(format_args!("arg{index}"), value.span()),
            value,
            ty: ty.filter(|ty| is_nameable(ty.to_token_stream())),
            way: if check::is_lent(input) {
                Way::Lent
            } else if check::is_reference(input) {
                Way::Hoisted
            } else {
                Way::Owned
            },
        }
    }

    /// Turns the reference into one of the parameter's type here, where an error is about the
    /// argument and nothing else.
    fn coerced(&self) -> Option<TokenStream> {
        let (name, ty) = (&self.name, self.ty?);
        Some(quote_spanned!(name.span()=> let #name: #ty = #name;))
    }

    /// Where the routine gets the value from.
    fn source(&self, runtime: &Runtime) -> TokenStream {
        let name = &self.name;
        if self.way == Way::Lent {
            let lent = runtime.private("lent");
            quote!(#lent(&#name))
        } else {
            quote!((&#name).__hotbench_source())
        }
    }

    /// The routine's binding of the value.
    fn bound(&self) -> TokenStream {
        let name = &self.name;
        match self.way {
            Way::Lent => quote!(mut #name),
            Way::Hoisted | Way::Owned => quote!(#name),
        }
    }

    /// What the function is called with.
    fn passed(&self) -> TokenStream {
        let name = &self.name;
        match self.way {
            Way::Lent => quote_spanned!(name.span()=> &mut #name),
            Way::Hoisted | Way::Owned => quote!(#name),
        }
    }

    /// A closure that makes the value. With its type, so that literals and `into()` are inferred; what
    /// is lent may have another one, which is coerced.
    fn maker(&self) -> TokenStream {
        let value = self.value;
        if self.way == Way::Lent {
            let made = check::lent_value(value);
            return quote_spanned!(self.name.span()=> || #made);
        }
        if let Some(ty) = self.ty {
            quote_spanned!(self.name.span()=> || -> #ty { #value })
        } else {
            quote_spanned!(self.name.span()=> || #value)
        }
    }
}

/// Whether a type reads the same outside the signature: no `impl Trait`, no lifetime parameter.
fn is_nameable(ty: TokenStream) -> bool {
    let mut after_quote = false;
    ty.into_iter().all(|token| match token {
        TokenTree::Group(group) => is_nameable(group.stream()),
        TokenTree::Ident(ident) => {
            let lifetime = std::mem::take(&mut after_quote);
            ident != "impl" && (!lifetime || ident == "static" || ident == "_")
        }
        TokenTree::Punct(punct) => {
            after_quote = punct.as_char() == '\'';
            true
        }
        TokenTree::Literal(_) => true,
    })
}
