//! From a program's instructions to Cranelift's.

use super::codegen;
use super::symbols::Symbol;
use crate::eval::JitError;
use crate::eval::allocation::{Lifetimes, Slots};
use crate::eval::program::{Binary, Comparison, Instruction, Operand, Program, Unary};
use cranelift_codegen::ir::condcodes::FloatCC;
use cranelift_codegen::ir::{
    AbiParam, FuncRef, Inst, InstBuilder, MemFlagsData, Signature, StackSlot, StackSlotData, StackSlotKind, Value,
    types,
};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use cranelift_jit::JITModule;
use cranelift_module::{FuncId, Linkage, Module};
use rustc_hash::FxHashMap;
use std::ops::Range;

/// How many instructions become one function: register allocation is not linear in the length of a function.
const PART: usize = 2_000;

/// Defines the functions of a program, to be called in order; also returns how many numbers pass between them.
pub(super) fn translate(program: &Program, module: &mut JITModule) -> Result<(Vec<FuncId>, usize), JitError> {
    let mut signature = module.make_signature();
    let pointer = AbiParam::new(module.target_config().pointer_type());
    signature.params = vec![pointer; 4];
    let mut shared = Shared::new(program);
    let (mut ids, mut context, mut frontend) = (Vec::new(), module.make_context(), FunctionBuilderContext::new());
    for part in parts(program) {
        let id = module.declare_anonymous_function(&signature).map_err(codegen)?;
        context.func.signature = signature.clone();
        let builder = FunctionBuilder::new(&mut context.func, &mut frontend);
        Translation::new(&mut shared, module, builder).run(part)?;
        module.define_function(id, &mut context).map_err(|e| codegen(format!("{e:?}")))?;
        module.clear_context(&mut context);
        ids.push(id);
    }
    Ok((ids, shared.slots.count()))
}

/// The ranges of instructions that become functions; complex calls keep their halves together.
fn parts(program: &Program) -> Vec<Range<usize>> {
    let (mut parts, mut start, count) = (Vec::new(), 0, program.instructions.len());
    loop {
        let mut end = (start + PART).min(count);
        if program.instructions.get(end) == Some(&Instruction::ImaginaryPart) {
            end += 1;
        }
        parts.push(start..end);
        if end == count {
            return parts;
        }
        start = end;
    }
}

/// What the functions of one program share.
struct Shared<'a> {
    program: &'a Program,
    lifetimes: Lifetimes,
    symbols: FxHashMap<Symbol, FuncId>,
    /// The outputs that each result is, by register, sorted.
    outputs: Vec<(u32, u32)>,
    slots: Slots,
    /// Where results that later functions need are passed on, by register.
    spilled: FxHashMap<u32, u32>,
}

impl<'a> Shared<'a> {
    fn new(program: &'a Program) -> Self {
        let mut outputs: Vec<(u32, u32)> = (0..)
            .zip(&program.outputs)
            .filter_map(|(k, o)| match o {
                Operand::Register(r) => Some((*r, k)),
                _ => None,
            })
            .collect();
        outputs.sort_unstable();
        Self {
            program,
            lifetimes: Lifetimes::new(program),
            symbols: FxHashMap::default(),
            outputs,
            slots: Slots::default(),
            spilled: FxHashMap::default(),
        }
    }
}

/// One function.
struct Translation<'a, 'b> {
    shared: &'b mut Shared<'a>,
    module: &'b mut JITModule,
    builder: FunctionBuilder<'b>,
    /// The addresses of the inputs, the outputs, the numbers passed on and the constants.
    arguments: [Value; 4],
    known: FxHashMap<Operand, Value>,
    callees: FxHashMap<Symbol, FuncRef>,
    pair: Option<StackSlot>,
}

impl<'a, 'b> Translation<'a, 'b> {
    fn new(shared: &'b mut Shared<'a>, module: &'b mut JITModule, mut builder: FunctionBuilder<'b>) -> Self {
        let block = builder.create_block();
        builder.append_block_params_for_function_params(block);
        builder.switch_to_block(block);
        let arguments = [0, 1, 2, 3].map(|i| builder.block_params(block)[i]);
        Self {
            shared,
            module,
            builder,
            arguments,
            known: FxHashMap::default(),
            callees: FxHashMap::default(),
            pair: None,
        }
    }

    fn run(mut self, part: Range<usize>) -> Result<(), JitError> {
        let last = part.end == self.shared.program.instructions.len();
        for at in part.clone() {
            let value = match self.shared.program.instructions[at] {
                Instruction::ImaginaryPart => {
                    let (pair, pointer) = (self.pair(), self.module.target_config().pointer_type());
                    self.builder.ins().stack_load(pointer, types::F64, pair, 8)
                }
                instruction => self.instruction(&instruction)?,
            };
            self.define(at, value, part.end);
        }
        if last {
            for (k, output) in self.shared.program.outputs.iter().enumerate() {
                if !matches!(output, Operand::Register(_)) {
                    let value = self.value(*output);
                    self.store(1, k, value);
                }
            }
        }
        let lifetimes = &self.shared.lifetimes.registers;
        let slots = &mut self.shared.slots;
        // In order of registers, so that the same program always gives the same code.
        let mut ended: Vec<(u32, u32)> =
            self.shared.spilled.extract_if(|r, _| (lifetimes[*r as usize] as usize) < part.end).collect();
        ended.sort_unstable();
        for (_, slot) in ended {
            slots.give(slot);
        }
        self.builder.ins().return_(&[]);
        self.builder.seal_all_blocks();
        self.builder.finalize(self.module.target_config());
        Ok(())
    }

    /// Notes the result of an instruction; writes it to the outputs that it is and to where later functions find it.
    fn define(&mut self, at: usize, value: Value, end: usize) {
        let register = u32::try_from(at).expect("programs have fewer than 2^31 instructions");
        self.known.insert(Operand::Register(register), value);
        let first = self.shared.outputs.partition_point(|(r, _)| *r < register);
        let outputs: Vec<u32> =
            self.shared.outputs[first..].iter().take_while(|(r, _)| *r == register).map(|(_, k)| *k).collect();
        for output in outputs {
            self.store(1, output as usize, value);
        }
        if self.shared.lifetimes.registers[at] as usize >= end {
            let slot = self.shared.slots.take();
            self.shared.spilled.insert(register, slot);
            self.store(2, slot as usize, value);
        }
    }

    fn offset(index: usize) -> i32 {
        i32::try_from(8 * index).expect("at most MAX_JIT_INSTRUCTIONS numbers")
    }

    fn store(&mut self, argument: usize, index: usize, value: Value) {
        let address = self.arguments[argument];
        self.builder.ins().store(MemFlagsData::trusted(), value, address, Self::offset(index));
    }

    fn load(&mut self, argument: usize, index: usize) -> Value {
        let address = self.arguments[argument];
        self.builder.ins().load(types::F64, MemFlagsData::trusted(), address, Self::offset(index))
    }

    fn value(&mut self, operand: Operand) -> Value {
        if let Some(&value) = self.known.get(&operand) {
            return value;
        }
        let value = match operand {
            // One load per use, which becomes an operand in memory: cheaper than a register held or filled.
            Operand::Constant(c) => return self.load(3, c as usize),
            Operand::Input(k) => self.load(0, k as usize),
            Operand::Register(r) => {
                let slot = self.shared.spilled[&r];
                self.load(2, slot as usize)
            }
        };
        self.known.insert(operand, value);
        value
    }

    /// The result of an instruction, the real part of a complex one.
    fn instruction(&mut self, instruction: &Instruction) -> Result<Value, JitError> {
        Ok(match *instruction {
            Instruction::Unary(op, a) => {
                let a = self.value(a);
                match op {
                    Unary::Neg => self.builder.ins().fneg(a),
                    Unary::Abs => self.builder.ins().fabs(a),
                    Unary::Sqrt => self.builder.ins().sqrt(a),
                    Unary::Function(f) => self.call_real(Symbol::Unary(f), &[a])?,
                }
            }
            Instruction::Binary(op, a, b) => {
                // A constant goes second where the order is free: only there can it stay in memory.
                let swap = matches!(op, Binary::Add | Binary::Mul) && matches!(a, Operand::Constant(_));
                let (a, b) = if swap { (b, a) } else { (a, b) };
                let (a, b) = (self.value(a), self.value(b));
                match op {
                    Binary::Add => self.builder.ins().fadd(a, b),
                    Binary::Sub => self.builder.ins().fsub(a, b),
                    Binary::Mul => self.builder.ins().fmul(a, b),
                    Binary::Div => self.builder.ins().fdiv(a, b),
                    Binary::Power | Binary::Modulus | Binary::Argument => {
                        self.call_real(Symbol::Binary(op), &[a, b])?
                    }
                }
            }
            Instruction::Select(relation, operands) => {
                let [a, b, x, y] = operands.map(|o| self.value(o));
                let condition = match relation {
                    Comparison::Less => FloatCC::LessThan,
                    Comparison::LessOrEqual => FloatCC::LessThanOrEqual,
                };
                let holds = self.builder.ins().fcmp(condition, a, b);
                self.builder.ins().select(holds, x, y)
            }
            Instruction::Complex(function, re, im) => {
                let (re, im, pair) = (self.value(re), self.value(im), self.pair());
                let pointer = self.module.target_config().pointer_type();
                let address = self.builder.ins().stack_addr(pointer, pair, 0);
                self.call(Symbol::Complex(function), &[re, im, address])?;
                self.builder.ins().stack_load(pointer, types::F64, pair, 0)
            }
            Instruction::ImaginaryPart => return Err(codegen("the second half of a complex call stands alone")),
        })
    }

    /// The memory for the two results of a complex call.
    fn pair(&mut self) -> StackSlot {
        let builder = &mut self.builder;
        *self.pair.get_or_insert_with(|| {
            builder.create_sized_stack_slot(StackSlotData::new(StackSlotKind::ExplicitSlot, 16, 3))
        })
    }

    fn call_real(&mut self, symbol: Symbol, arguments: &[Value]) -> Result<Value, JitError> {
        let call = self.call(symbol, arguments)?;
        self.builder.inst_results(call).first().copied().ok_or_else(|| codegen("a call without a result"))
    }

    fn call(&mut self, symbol: Symbol, arguments: &[Value]) -> Result<Inst, JitError> {
        let callee = match self.callees.get(&symbol) {
            Some(&callee) => callee,
            None => {
                let id = self.import(symbol)?;
                let callee = self.module.declare_func_in_func(id, self.builder.func);
                self.callees.insert(symbol, callee);
                callee
            }
        };
        Ok(self.builder.ins().call(callee, arguments))
    }

    fn import(&mut self, symbol: Symbol) -> Result<FuncId, JitError> {
        if let Some(&id) = self.shared.symbols.get(&symbol) {
            return Ok(id);
        }
        let id =
            self.module.declare_function(&symbol.name(), Linkage::Import, &self.signature(symbol)).map_err(codegen)?;
        self.shared.symbols.insert(symbol, id);
        Ok(id)
    }

    fn signature(&self, symbol: Symbol) -> Signature {
        let mut signature = self.module.make_signature();
        let float = AbiParam::new(types::F64);
        match symbol {
            Symbol::Unary(_) => (signature.params, signature.returns) = (vec![float], vec![float]),
            Symbol::Binary(_) => (signature.params, signature.returns) = (vec![float; 2], vec![float]),
            Symbol::Complex(_) => {
                let pointer = AbiParam::new(self.module.target_config().pointer_type());
                signature.params = vec![float, float, pointer];
            }
        }
        signature
    }
}
