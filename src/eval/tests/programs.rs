//! Random programs: valid ones give the same bits on every back end, invalid ones are refused.
//!
//! Machine code of our own is also read by another decoder. Deterministic.
//! `SHADOWFLOW_FUZZ_PROGRAMS=1000000 cargo test --release --lib eval::tests::programs` runs the full size;
//! `SHADOWFLOW_FUZZ_SEED` chooses other programs, `SHADOWFLOW_FUZZ_START` the first of them.

use super::{machine_code, same};
use crate::eval::*;
use crate::expr::Function;
use crate::number::Rational;
use crate::random::{Random, setting};
use std::collections::BTreeSet;
use std::num::NonZeroUsize;

fn number(random: &mut Random) -> f64 {
    const SPECIAL: [f64; 12] =
        [0.0, -0.0, 1.0, -1.0, 5e-324, -1e-310, 1e155, -1e300, f64::MAX, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];
    match random.below(16) {
        0 => SPECIAL[random.below(SPECIAL.len())],
        1 => f64::from_bits(random.next()),
        _ => random.between(-4.0, 4.0),
    }
}

/// How programs differ: how long they are, and how long their numbers live.
struct Style {
    inputs: usize,
    length: usize,
    /// Of eight operands, how many are among the newest, the others anywhere.
    near: usize,
    /// Of sixteen operations, how many are functions.
    functions: usize,
    /// How many of the first numbers wait to be used at the end.
    kept: usize,
}

impl Style {
    fn draw(random: &mut Random) -> Self {
        // Now and then one that fills several parts of machine code.
        let length = match random.below(400) {
            0 => 2_000 + random.below(3_000),
            1..40 => 100 + random.below(400),
            _ => 1 + random.below(80),
        };
        Self {
            inputs: random.below(7),
            length,
            near: random.below(9),
            functions: [0, 1, 3, 8][random.below(4)],
            kept: match random.below(6) {
                0 => random.below(150),
                1 | 2 => random.below(50),
                _ => 0,
            },
        }
    }
}

/// A program of every kind of instruction.
fn program(random: &mut Random) -> Program {
    let style = Style::draw(random);
    let mut builder = ProgramBuilder::new(style.inputs).unwrap();
    let mut values: Vec<Operand> = (0..style.inputs).map(|k| builder.input(k)).collect();
    for _ in 0..1 + random.below(4) {
        let c = number(random);
        values.push(builder.constant(c));
    }
    for _ in 0..style.length {
        let pick = |random: &mut Random| {
            let near = random.below(8) < style.near;
            values[if near { values.len() - 1 - random.below(values.len().min(4)) } else { random.below(values.len()) }]
        };
        let (a, b) = (pick(random), pick(random));
        let value = if random.below(16) < style.functions {
            match random.below(4) {
                0 => {
                    let function = match random.below(Function::ALL.len() + 2) {
                        0 => ComplexFunction::Sqrt,
                        1 => ComplexFunction::Reciprocal,
                        k => ComplexFunction::Function(Function::ALL[k - 2]),
                    };
                    let (re, im) = builder.complex(function, a, b);
                    values.push(if random.one_in(2) { re } else { im });
                    if random.one_in(2) { im } else { re }
                }
                1 => {
                    let op = [Binary::Power, Binary::Modulus, Binary::Argument][random.below(3)];
                    builder.binary(op, a, b)
                }
                _ => builder.unary(Unary::Function(Function::ALL[random.below(Function::ALL.len())]), a),
            }
        } else {
            match random.below(12) {
                _ if random.one_in(30) => {
                    let exponent = Rational::new(random.below(40) as i64 - 20, 1 + random.below(3) as i64);
                    builder.power(a, &exponent)
                }
                0 => builder.unary(Unary::Neg, a),
                1 => builder.unary(Unary::Abs, a),
                2 => builder.unary(Unary::Sqrt, a),
                3 => {
                    let relation = if random.one_in(2) { Comparison::Less } else { Comparison::LessOrEqual };
                    let (x, y) = (pick(random), pick(random));
                    builder.select(relation, a, b, x, y)
                }
                k => builder.binary([Binary::Add, Binary::Sub, Binary::Mul, Binary::Div][k % 4], a, b),
            }
        };
        values.push(value);
    }
    // What was kept alive, used at once.
    let kept: Vec<Operand> = values.iter().copied().take(style.kept).collect();
    if let Some((&first, rest)) = kept.split_first() {
        let op = if random.one_in(2) { Binary::Add } else { Binary::Mul };
        let sum = rest.iter().fold(first, |s, &x| builder.binary(op, s, x));
        values.push(sum);
    }
    let outputs: Vec<Operand> = (0..random.below(6)).map(|_| values[random.below(values.len())]).collect();
    let last = values.last().copied().filter(|_| !random.one_in(8));
    let outputs: Vec<Operand> = outputs.into_iter().chain(last).collect();
    builder.finish(&outputs).unwrap()
}

/// What the programs of a run had in them.
#[derive(Default)]
struct Seen {
    instructions: BTreeSet<String>,
    /// Programs in whose machine code registers ran out, and those with two vectors a turn, by kind of vector.
    strained: [[usize; 2]; 2],
}

impl Seen {
    fn note(&mut self, program: &Program, codes: &[BatchCode]) {
        self.instructions.extend(program.instructions.iter().map(|instruction| match instruction {
            Instruction::Unary(op, _) => format!("{op:?}"),
            Instruction::Binary(op, ..) => format!("{op:?}"),
            Instruction::Select(relation, _) => format!("{relation:?}"),
            Instruction::Complex(function, ..) => format!("complex {function:?}"),
            Instruction::ImaginaryPart => "imaginary part".to_owned(),
        }));
        for (counts, code) in self.strained.iter_mut().zip(codes.iter().rev()) {
            counts.iter_mut().zip(code.strains()).for_each(|(count, strained)| *count += usize::from(strained));
        }
    }

    fn add(&mut self, other: Self) {
        self.instructions.extend(other.instructions);
        for (mine, others) in self.strained.iter_mut().flatten().zip(other.strained.into_iter().flatten()) {
            *mine += others;
        }
    }
}

/// Runs one program on some rows by every back end; the interpreter, one row at a time, is what the others must equal.
fn agree(program: &Program, random: &mut Random, place: &str) -> Vec<BatchCode> {
    let (n, m) = (program.inputs(), program.outputs().len());
    let codes = BatchCode::every(program);
    codes.iter().for_each(BatchCode::check);
    let rows = match random.below(8) {
        0 => 129 + random.below(200),
        1 => 0,
        2 => 1 + random.below(300),
        _ => 1 + random.below(24),
    };
    let points: Vec<f64> = (0..rows * n).map(|_| number(random)).collect();
    let (interpreter, jit, scratch) = (Interpreter::new(program), machine_code(program), &mut Scratch::new());
    let mut expected = vec![0.5; rows * m];
    for row in 0..rows {
        let (point, out) = (&points[row * n..][..n], &mut expected[row * m..][..m]);
        interpreter.call(point, out, scratch);
        let mut again = vec![0.25; m];
        jit.call(point, &mut again, scratch);
        assert!(same(out, &again), "{place}: machine code gives {again:?}, the interpreter {out:?}, at {point:?}");
    }
    // Without inputs the number of rows is that of the outputs.
    if n > 0 || m > 0 {
        let mut check = |function: &dyn VectorFunction, name: &str| {
            let mut out = vec![0.125; rows * m];
            function.call_batch(&points, &mut out, scratch);
            for (row, (found, expected)) in out.chunks(m.max(1)).zip(expected.chunks(m.max(1))).enumerate() {
                let point = &points[row * n..][..n];
                assert!(
                    same(found, expected),
                    "{place}: {name} give {found:?}, the interpreter {expected:?}, at {point:?}, row {row} of {rows}\n{program:?}"
                );
            }
        };
        check(&interpreter, "columns");
        codes.iter().for_each(|code| check(code, "vectors"));
    }
    // Strided views through the front, on more than one thread where there is work for it.
    let compiled = Compiled::new(program);
    let (apart, wide) = (n + random.below(3), m + random.below(3));
    let mut spread = vec![f64::NAN; rows * apart];
    spread.chunks_mut(apart.max(1)).zip(points.chunks(n.max(1))).for_each(|(to, from)| to[..n].copy_from_slice(from));
    let mut out = vec![7.0; rows * wide];
    let view = Rows::with_strides(&spread, [rows, n], [apart, 1]).unwrap();
    let threads = NonZeroUsize::new(1 + random.below(3)).unwrap();
    compiled.call_rows(&view, RowsMut::with_stride(&mut out, [rows, m], wide).unwrap(), threads).unwrap();
    for (row, expected) in out.chunks(wide.max(1)).zip(expected.chunks(m.max(1))) {
        assert!(same(&row[..m], &expected[..m]), "{place}: rows give {row:?}, the interpreter {expected:?}");
        assert!(row[m..].iter().all(|x| *x == 7.0), "{place}: written beyond a row, {row:?}");
    }
    codes
}

#[test]
#[allow(clippy::print_stdout, reason = "the outcome of a long run, shown with --nocapture")]
fn every_back_end_gives_the_same_bits() {
    let (cases, seed) = (setting("SHADOWFLOW_FUZZ_PROGRAMS", 2000), setting("SHADOWFLOW_FUZZ_SEED", 1));
    let start = setting("SHADOWFLOW_FUZZ_START", 0);
    let threads = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let part = |first: usize| {
        let mut seen = Seen::default();
        for case in (start + first as u64..start + cases).step_by(threads) {
            let random = &mut Random::new(seed, case);
            let program = program(random);
            let codes = agree(&program, random, &format!("seed {seed}, case {case}"));
            seen.note(&program, &codes);
        }
        seen
    };
    let mut seen = Seen::default();
    std::thread::scope(|scope| {
        let parts: Vec<_> = (0..threads).map(|first| scope.spawn(move || part(first))).collect();
        parts.into_iter().for_each(|thread| seen.add(thread.join().expect("back ends that agree")));
    });
    println!("{cases} programs; registers ran out, two vectors a turn: {:?}", seen.strained);
    // Real functions, complex ones with square root and reciprocal, the second half of these, the other operations.
    let all = 2 * Function::ALL.len() + 2 + 1 + 3 + 7 + 2;
    assert!(cases < 2000 || seen.instructions.len() == all, "{all} kinds, {:?}", seen.instructions);
    // AVX2 takes one vector a turn.
    for (counts, _) in seen.strained.iter().zip(BatchCode::every(&program(&mut Random::new(seed, 0)))) {
        assert!(counts[0] as u64 > cases / 100, "registers run out: {:?}", seen.strained);
    }
}

/// An operand, and whether there is one.
fn any_operand(random: &mut Random, counts: [usize; 3]) -> (Operand, bool) {
    let kind = random.below(3);
    let far = [1, 2, 1 << 20, (u32::MAX as usize) - counts[kind]];
    let at = match random.below(6) {
        0 => counts[kind] + far[random.below(far.len())] - 1,
        _ => random.below(counts[kind]),
    };
    let operand = [Operand::Constant, Operand::Input, Operand::Register][kind](u32::try_from(at).unwrap());
    (operand, at < counts[kind])
}

#[test]
fn operands_of_no_program_are_refused() {
    let (cases, seed) = (setting("SHADOWFLOW_FUZZ_PROGRAMS", 5000), setting("SHADOWFLOW_FUZZ_SEED", 1));
    let mut refused = 0;
    for case in 0..cases {
        let random = &mut Random::new(!seed, case);
        let inputs = random.below(4);
        let mut builder = ProgramBuilder::new(inputs).unwrap();
        let mut valid = true;
        for _ in 0..random.below(12) {
            let counts = [builder.constants.len(), inputs, builder.instructions.len()];
            let mut draw = |random: &mut Random| {
                let (operand, there) = any_operand(random, counts);
                valid &= there;
                operand
            };
            let kind = random.below(8);
            let mut operands = [Operand::Constant(0); 4];
            let read = [1, 2, 2, 4, 2, 1, 2, 0][kind];
            operands[..read].fill_with(|| draw(random));
            let [a, b, x, y] = operands;
            match kind {
                0 => _ = builder.unary(Unary::Neg, a),
                1 => _ = builder.binary(Binary::Mul, a, b),
                2 => _ = builder.binary(Binary::Add, a, b),
                3 => _ = builder.select(Comparison::Less, a, b, x, y),
                4 => _ = builder.complex(ComplexFunction::Sqrt, a, b),
                5 => _ = builder.power(a, &2.into()),
                6 => _ = builder.binary(Binary::Div, a, b),
                _ => _ = builder.constant(number(random)),
            }
        }
        let counts = [builder.constants.len(), inputs, builder.instructions.len()];
        let drawn: Vec<(Operand, bool)> = (0..random.below(4)).map(|_| any_operand(random, counts)).collect();
        let outputs: Vec<Operand> = drawn.iter().map(|(o, _)| *o).collect();
        valid &= drawn.iter().all(|(_, there)| *there);
        match builder.finish(&outputs) {
            Ok(program) => {
                assert!(valid, "seed {seed}, case {case}: accepted {program:?}");
                agree(&program, random, &format!("seed {seed}, case {case}"));
            }
            Err(LowerError::Operand { .. }) => refused += 1,
            Err(error) => panic!("seed {seed}, case {case}: {error}"),
        }
    }
    assert!(refused > cases / 3);
}

#[test]
fn every_kind_of_operand_is_checked() {
    let far = [Operand::Input(2), Operand::Input(100_000), Operand::Constant(9), Operand::Register(1)];
    for stray in far {
        let mut builder = ProgramBuilder::new(2).unwrap();
        let x = builder.input(0);
        let root = builder.unary(Unary::Sqrt, x);
        let refused = builder.clone().finish(&[root, stray]).unwrap_err();
        assert!(matches!(refused, LowerError::Operand { operand, reader: Reader::Output(1), .. } if operand == stray));
        // Read by an instruction: used, unused, and folded away.
        let zero = builder.constant(0.0);
        let uses: [fn(&mut ProgramBuilder, Operand, Operand) -> Operand; 5] = [
            |b, o, _| b.unary(Unary::Abs, o),
            |b, o, x| b.binary(Binary::Sub, x, o),
            |b, o, x| b.select(Comparison::Less, x, x, o, x),
            |b, o, x| b.complex(ComplexFunction::Sqrt, x, o).1,
            |b, o, zero| b.binary(Binary::Mul, zero, o),
        ];
        for (k, read) in uses.into_iter().enumerate() {
            let mut builder = builder.clone();
            let result = read(&mut builder, stray, if k == 4 { zero } else { x });
            for outputs in [&[root] as &[Operand], &[result]] {
                let refused = builder.clone().finish(outputs).unwrap_err();
                assert!(matches!(refused, LowerError::Operand { operand, .. } if operand == stray), "{refused}");
            }
        }
    }
    // A result that exists in the end, but not yet where it is read.
    let mut builder = ProgramBuilder::new(1).unwrap();
    let itself = builder.unary(Unary::Neg, Operand::Register(0));
    let x = builder.input(0);
    builder.unary(Unary::Sqrt, x);
    let refused = builder.finish(&[itself]).unwrap_err().to_string();
    assert_eq!(refused, "instruction 0 reads result 0, but there are 0 results before it");
}

/// `Σ_{k<8} tanh(k x/7 + y)²`: a hundred numbers alive, whose registers run out.
#[test]
fn many_numbers_alive_find_registers() {
    let mut builder = ProgramBuilder::new(2).unwrap();
    let (x, y) = (builder.input(0), builder.input(1));
    let mut sum = builder.constant(0.0);
    for k in 0..8 {
        let slope = builder.constant(f64::from(k) / 7.0);
        let inner = builder.binary(Binary::Mul, slope, x);
        let inner = builder.binary(Binary::Add, inner, y);
        let tanh = builder.unary(Unary::Function(Function::Tanh), inner);
        let square = builder.binary(Binary::Mul, tanh, tanh);
        sum = builder.binary(Binary::Add, sum, square);
    }
    let program = builder.finish(&[sum]).unwrap();
    agree(&program, &mut Random::new(3, 0), "tanh");
    let at = super::run(&program, &[0.3, -0.7])[0];
    // By mpmath.
    assert!((at - 2.018_789_635_356_507).abs() < 1e-14, "{at}");

    // Products that wait, added to 3.5 − t, for every length at which some register is the last.
    for count in 1..70 {
        let mut builder = ProgramBuilder::new(2).unwrap();
        let (s, t) = (builder.input(0), builder.input(1));
        let mut products = vec![builder.binary(Binary::Mul, s, t)];
        for _ in 1..count {
            let next = builder.binary(Binary::Mul, products[products.len() - 1], s);
            products.push(next);
        }
        let c = builder.constant(3.5);
        let start = builder.binary(Binary::Sub, c, t);
        let total = products.iter().fold(start, |sum, p| builder.binary(Binary::Add, sum, *p));
        let program = builder.finish(&[total]).unwrap();
        agree(&program, &mut Random::new(5, 0), "products");
        // Halves are exact.
        let at = super::run(&program, &[1.0, 0.5])[0];
        assert_eq!(at, 3.0 + 0.5 * f64::from(count));
    }
}

#[test]
fn views_of_any_shape_end() {
    let program = |inputs: usize, outputs: usize| {
        let mut builder = ProgramBuilder::new(inputs).unwrap();
        let mut value = builder.constant(0.5);
        for k in 0..inputs {
            let x = builder.input(k);
            value = builder.binary(Binary::Add, value, x);
        }
        Compiled::new(&builder.finish(&vec![value; outputs]).unwrap())
    };
    let sizes = [0, 1, 2, 3, 17, 200, 1 << 40, usize::MAX / 2, usize::MAX - 127, usize::MAX - 1, usize::MAX];
    let (data, one) = (vec![1.0; 600], NonZeroUsize::MIN);
    let mut ran = 0;
    for (inputs, outputs) in [(0, 0), (0, 1), (1, 0), (2, 0), (1, 1), (2, 3)] {
        let compiled = program(inputs, outputs);
        for rows in sizes {
            for strides in sizes.into_iter().flat_map(|a| sizes.map(|b| [a, b])) {
                for stride in sizes {
                    let mut out = vec![7.0; 600];
                    let (Ok(points), Ok(results)) = (
                        Rows::with_strides(&data, [rows, inputs], strides),
                        RowsMut::with_stride(&mut out, [rows, outputs], stride),
                    ) else {
                        continue;
                    };
                    compiled.call_rows(&points, results, one).unwrap();
                    ran += 1;
                    for row in out.chunks(stride.clamp(1, 600)).take(if outputs == 0 { 0 } else { rows }) {
                        assert!(row[..outputs].iter().all(|x| *x == 0.5 + inputs as f64), "{rows} rows, {strides:?}");
                    }
                    let written = out.iter().filter(|x| **x != 7.0).count();
                    assert_eq!(written, outputs.checked_mul(rows).unwrap_or(0));
                }
            }
        }
    }
    assert!(ran > 1000, "{ran}");
}
