//! The few instructions of AVX2 and AVX-512 that programs need, as bytes.
//!
//! Encodings are those of the *Intel 64 and IA-32 Architectures Software Developer's Manual*, volume 2, sections 2.3
//! (VEX) and 2.7 (EVEX).

/// The vectors that a machine has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Vectors {
    /// Sixteen registers of four numbers.
    Avx2,
    /// Thirty-two registers of eight numbers.
    Avx512,
}

/// The register that AVX2 keeps the outcome of a comparison in; AVX-512 has a mask register for that.
const MASK: u8 = 15;

impl Vectors {
    /// What this machine has, the widest first.
    pub(super) fn detect() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq") {
                return Some(Self::Avx512);
            }
            if is_x86_feature_detected!("avx2") {
                return Some(Self::Avx2);
            }
        }
        None
    }

    /// The numbers in one vector.
    pub(super) fn lanes(self) -> usize {
        match self {
            Self::Avx2 => 4,
            Self::Avx512 => 8,
        }
    }

    /// The registers that hold numbers of the program.
    pub(super) fn registers(self) -> u8 {
        match self {
            Self::Avx2 => MASK,
            Self::Avx512 => 32,
        }
    }

    /// How often a constant stands in the table: AVX-512 spreads one number over a vector as it reads it.
    pub(super) fn copies(self) -> usize {
        match self {
            Self::Avx2 => 4,
            Self::Avx512 => 1,
        }
    }
}

/// The general registers that hold addresses, by their number in an instruction; none needs an index byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Base {
    /// `rdi`, the first argument: the vector at work in the first column.
    Columns,
    /// `rsi`, the second argument.
    Constants,
    /// `rdx`, the third argument.
    Spilled,
    /// What the table in `r8`, the fifth argument, has at this index, and further on by what `r9`, the sixth, counts.
    Array(u32),
}

impl Base {
    /// The number of the register.
    fn register(self) -> u8 {
        match self {
            Self::Columns => 7,
            Self::Constants => 6,
            Self::Spilled => 2,
            // With an index beside it.
            Self::Array(_) => 4,
        }
    }
}

/// Where an instruction finds its last operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Register(u8),
    /// A vector at a distance from an address.
    Memory(Base, i32),
    /// One number of the table of constants, in every lane.
    Constant(i32),
}

/// Operations of two vectors, by their operation code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packed {
    And = 0x54,
    Xor = 0x57,
    Add = 0x58,
    Mul = 0x59,
    Sub = 0x5C,
    Div = 0x5E,
}

/// Order relations, by the number of their predicate: ordered, quiet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    Less = 0x11,
    LessOrEqual = 0x12,
}

/// The table of operation codes that an instruction is in.
#[derive(Debug, Clone, Copy)]
enum Table {
    Map0F = 1,
    Map0F38 = 2,
    Map0F3A = 3,
}

/// Machine code as it grows.
#[derive(Debug)]
pub(super) struct Assembler {
    vectors: Vectors,
    code: Vec<u8>,
    /// Whether it reads or writes arrays.
    arrays: bool,
}

impl Assembler {
    pub(super) fn new(vectors: Vectors) -> Self {
        Self { vectors, code: Vec::new(), arrays: false }
    }

    /// The place of the next instruction.
    pub(super) fn place(&self) -> usize {
        self.code.len()
    }

    /// `to = a ∘ b`.
    pub(super) fn packed(&mut self, op: Packed, to: u8, a: u8, b: Source) {
        self.instruction(Table::Map0F, op as u8, to, a, b, 0);
    }

    /// `to = √a`.
    pub(super) fn sqrt(&mut self, to: u8, a: Source) {
        self.instruction(Table::Map0F, 0x51, to, 0, a, 0);
    }

    /// `to = a`, from memory or a constant.
    pub(super) fn load(&mut self, to: u8, a: Source) {
        match a {
            Source::Constant(_) if self.vectors == Vectors::Avx512 => {
                // vbroadcastsd, whose operand is one number by itself.
                self.evex(Table::Map0F38, 0x19, to, 0, a, 0, false);
            }
            _ => self.instruction(Table::Map0F, 0x10, to, 0, a, 0),
        }
    }

    /// Writes a vector.
    pub(super) fn store(&mut self, base: Base, offset: i32, a: u8) {
        self.instruction(Table::Map0F, 0x11, a, 0, Source::Memory(base, offset), 0);
    }

    /// Compares `a` with `b`; the next [`Assembler::choose`] goes by it.
    pub(super) fn compare(&mut self, relation: Relation, a: u8, b: Source) {
        let to = match self.vectors {
            Vectors::Avx2 => MASK,
            Vectors::Avx512 => 1,
        };
        self.instruction(Table::Map0F, 0xC2, to, a, b, 0);
        self.code.push(relation as u8);
    }

    /// `to = x` where the comparison holds, else `y`.
    pub(super) fn choose(&mut self, to: u8, x: Source, y: u8) {
        match self.vectors {
            Vectors::Avx2 => {
                self.instruction(Table::Map0F3A, 0x4B, to, y, x, 0);
                self.code.push(MASK << 4);
            }
            Vectors::Avx512 => self.instruction(Table::Map0F38, 0x65, to, y, x, 1),
        }
    }

    /// Ends a loop that began at `start`: goes on by so many vectors of the columns, `rcx` times in all, and returns.
    pub(super) fn finish(mut self, start: usize, by: usize) -> Vec<u8> {
        let small = |n: usize| i32::try_from(n).expect("code and columns are shorter than 2^31 bytes");
        // add rdi, step
        self.code.extend([0x48, 0x81, 0xC7]);
        self.code.extend(small(8 * self.vectors.lanes() * by).to_le_bytes());
        if self.arrays {
            // add r9, step
            self.code.extend([0x49, 0x81, 0xC1]);
            self.code.extend(small(8 * self.vectors.lanes() * by).to_le_bytes());
        }
        // sub rcx, 1; jnz start
        self.code.extend([0x48, 0x83, 0xE9, 0x01, 0x0F, 0x85]);
        self.code.extend((-small(self.code.len() + 4 - start)).to_le_bytes());
        // vzeroupper; ret
        self.code.extend([0xC5, 0xF8, 0x77, 0xC3]);
        self.code
    }

    /// An instruction on packed doubles, by the encoding that the machine has.
    fn instruction(&mut self, map: Table, code: u8, reg: u8, vvvv: u8, source: Source, mask: u8) {
        if let Source::Memory(Base::Array(index), _) = source {
            // mov rax, [r8 + 8 index]
            self.arrays = true;
            self.code.extend([0x49, 0x8B, 0x80]);
            self.code.extend((8 * index).to_le_bytes());
        }
        match self.vectors {
            Vectors::Avx2 => self.vex(map, code, reg, vvvv, source),
            Vectors::Avx512 => {
                let broadcast = matches!(source, Source::Constant(_));
                self.evex(map, code, reg, vvvv, source, mask, broadcast);
            }
        }
    }

    fn vex(&mut self, map: Table, code: u8, reg: u8, vvvv: u8, source: Source) {
        let high = |r: u8| (r >> 3) & 1;
        let b = if let Source::Register(r) = source { high(r) } else { 0 };
        let x = index_bit(source);
        let first = ((high(reg) ^ 1) << 7) | ((x ^ 1) << 6) | ((b ^ 1) << 5) | map as u8;
        let second = ((!vvvv & 15) << 3) | (1 << 2) | 1;
        self.code.extend([0xC4, first, second, code]);
        self.operand(reg, source);
    }

    #[allow(clippy::too_many_arguments, reason = "the fields of one instruction")]
    fn evex(&mut self, map: Table, code: u8, reg: u8, vvvv: u8, source: Source, mask: u8, broadcast: bool) {
        let bit = |r: u8, i: u8| (r >> i) & 1;
        let (b, x) = if let Source::Register(r) = source { (bit(r, 3), bit(r, 4)) } else { (0, index_bit(source)) };
        let first = ((bit(reg, 3) ^ 1) << 7) | ((x ^ 1) << 6) | ((b ^ 1) << 5) | ((bit(reg, 4) ^ 1) << 4) | map as u8;
        let second = (1 << 7) | ((!vvvv & 15) << 3) | (1 << 2) | 1;
        let third = (0b10 << 5) | (u8::from(broadcast) << 4) | ((bit(vvvv, 4) ^ 1) << 3) | mask;
        self.code.extend([0x62, first, second, third, code]);
        self.operand(reg, source);
    }

    /// The byte that names the operands, and the distance of one in memory.
    fn operand(&mut self, reg: u8, source: Source) {
        let reg = (reg & 7) << 3;
        let (base, offset) = match source {
            Source::Register(r) => return self.code.push(0xC0 | reg | (r & 7)),
            Source::Memory(base, offset) => (base, offset),
            Source::Constant(index) => {
                let size = 8 * i32::try_from(self.vectors.copies()).expect("at most four copies");
                (Base::Constants, size * index)
            }
        };
        self.code.push(0x80 | reg | base.register());
        if matches!(base, Base::Array(_)) {
            // rax + r9
            self.code.push(0x08);
        }
        self.code.extend(offset.to_le_bytes());
    }
}

/// The high bit of the index register, which is `r9` where there is one.
fn index_bit(source: Source) -> u8 {
    u8::from(matches!(source, Source::Memory(Base::Array(_), _)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use iced_x86::{Code, Decoder, DecoderOptions, Instruction, Register};

    /// The code of some instructions, without the end of the loop.
    fn code(vectors: Vectors, write: impl FnOnce(&mut Assembler)) -> Vec<u8> {
        let mut assembler = Assembler::new(vectors);
        write(&mut assembler);
        assembler.code
    }

    #[test]
    fn wide_instructions_are_those_of_the_gnu_assembler() {
        let check = |expected: &[u8], write: fn(&mut Assembler)| assert_eq!(code(Vectors::Avx512, write), expected);
        check(&[0x62, 0xF1, 0xED, 0x48, 0x58, 0xCB], |a| a.packed(Packed::Add, 1, 2, Source::Register(3)));
        check(&[0x62, 0x61, 0xF5, 0x40, 0x59, 0xB7, 0x00, 0x04, 0x00, 0x00], |a| {
            a.packed(Packed::Mul, 30, 17, Source::Memory(Base::Columns, 0x400));
        });
        check(&[0x62, 0x71, 0xAD, 0x50, 0x5C, 0x8E, 0x08, 0x00, 0x00, 0x00], |a| {
            a.packed(Packed::Sub, 9, 26, Source::Constant(1));
        });
        check(&[0x62, 0xF2, 0xFD, 0x48, 0x19, 0xA6, 0x10, 0x00, 0x00, 0x00], |a| a.load(4, Source::Constant(2)));
        check(&[0x62, 0x61, 0xFD, 0x48, 0x11, 0xBA, 0x40, 0x00, 0x00, 0x00], |a| a.store(Base::Spilled, 64, 31));
        check(&[0x62, 0xB1, 0xE5, 0x48, 0xC2, 0xCC, 0x11], |a| a.compare(Relation::Less, 3, Source::Register(20)));
        check(&[0x62, 0xB2, 0xCD, 0x49, 0x65, 0xEF], |a| a.choose(5, Source::Register(23), 6));
        check(&[0x62, 0x11, 0xFD, 0x48, 0x51, 0xC0], |a| a.sqrt(8, Source::Register(24)));
        let add = [0x62, 0x21, 0xF5, 0x40, 0x58, 0xB4, 0x08, 0x78, 0x56, 0x34, 0x12];
        check(&[&[0x49, 0x8B, 0x80, 24, 0, 0, 0], &add[..]].concat(), |a| {
            a.packed(Packed::Add, 30, 17, Source::Memory(Base::Array(3), 0x1234_5678));
        });
    }

    #[test]
    fn narrow_instructions_are_those_of_the_gnu_assembler() {
        let check = |expected: &[u8], write: fn(&mut Assembler)| assert_eq!(code(Vectors::Avx2, write), expected);
        check(&[0xC4, 0xE1, 0x6D, 0x58, 0xCB], |a| a.packed(Packed::Add, 1, 2, Source::Register(3)));
        check(&[0xC4, 0x61, 0x35, 0x5E, 0xA7, 0x00, 0x04, 0x00, 0x00], |a| {
            a.packed(Packed::Div, 12, 9, Source::Memory(Base::Columns, 0x400));
        });
        check(&[0xC4, 0x41, 0x65, 0xC2, 0xFA, 0x12], |a| a.compare(Relation::LessOrEqual, 3, Source::Register(10)));
        check(&[0xC4, 0xC3, 0x4D, 0x4B, 0xEB, 0xF0], |a| a.choose(5, Source::Register(11), 6));
        check(&[0xC4, 0x61, 0x7D, 0x10, 0xB6, 0x20, 0x00, 0x00, 0x00], |a| a.load(14, Source::Constant(1)));
        let add = [0xC4, 0x21, 0x35, 0x58, 0xA4, 0x08, 0x78, 0x56, 0x34, 0x12];
        check(&[&[0x49, 0x8B, 0x80, 24, 0, 0, 0], &add[..]].concat(), |a| {
            a.packed(Packed::Add, 12, 9, Source::Memory(Base::Array(3), 0x1234_5678));
        });
    }

    /// A decoder that knows nothing of ours reads each operation as the instruction that is meant, whatever its operands.
    #[test]
    fn another_decoder_reads_what_is_meant() {
        let sources = |registers: u8| {
            let memory = [
                Source::Memory(Base::Columns, 0),
                Source::Memory(Base::Columns, 0x12_3440),
                Source::Memory(Base::Spilled, 64),
                Source::Constant(0),
                Source::Constant(1000),
            ];
            (0..registers).map(Source::Register).chain(memory)
        };
        for (vectors, registers) in [(Vectors::Avx2, 16), (Vectors::Avx512, 32)] {
            for (to, a) in (0..registers).flat_map(|to| (0..registers).map(move |a| (to, a))) {
                for b in sources(registers) {
                    let last = operand(vectors, b);
                    for (op, codes) in PACKED {
                        let expected = [vector(vectors, to), vector(vectors, a), last];
                        let bytes = code(vectors, |x| x.packed(op, to, a, b));
                        check(vectors, &bytes, codes, &expected, Register::None, None);
                    }
                    let bytes = code(vectors, |x| x.choose(to, b, a));
                    match vectors {
                        Vectors::Avx2 => {
                            let codes = [Code::VEX_Vblendvpd_ymm_ymm_ymmm256_ymm; 2];
                            let mask = vector(vectors, MASK);
                            let expected = [vector(vectors, to), vector(vectors, a), last, mask];
                            check(vectors, &bytes, codes, &expected, Register::None, None);
                        }
                        Vectors::Avx512 => {
                            let codes = [Code::EVEX_Vblendmpd_zmm_k1z_zmm_zmmm512b64; 2];
                            let expected = [vector(vectors, to), vector(vectors, a), last];
                            check(vectors, &bytes, codes, &expected, Register::K1, None);
                        }
                    }
                }
            }
            for (r, source) in (0..registers).flat_map(|r| sources(registers).map(move |s| (r, s))) {
                let (own, last) = (vector(vectors, r), operand(vectors, source));
                let codes = [Code::VEX_Vsqrtpd_ymm_ymmm256, Code::EVEX_Vsqrtpd_zmm_k1z_zmmm512b64_er];
                check(vectors, &code(vectors, |x| x.sqrt(r, source)), codes, &[own, last], Register::None, None);
                for (relation, predicate) in [(Relation::Less, 0x11), (Relation::LessOrEqual, 0x12)] {
                    let codes =
                        [Code::VEX_Vcmppd_ymm_ymm_ymmm256_imm8, Code::EVEX_Vcmppd_kr_k1_zmm_zmmm512b64_imm8_sae];
                    let to = if vectors == Vectors::Avx2 { vector(vectors, MASK) } else { Operand::At(Register::K1) };
                    let bytes = code(vectors, |x| x.compare(relation, r, source));
                    check(vectors, &bytes, codes, &[to, own, last], Register::None, Some(predicate));
                }
                if let Source::Memory(base, offset) = source {
                    let codes = [Code::VEX_Vmovupd_ymmm256_ymm, Code::EVEX_Vmovupd_zmmm512_k1z_zmm];
                    let bytes = code(vectors, |x| x.store(base, offset, r));
                    check(vectors, &bytes, codes, &[last, own], Register::None, None);
                }
                let (codes, last) = match (source, last) {
                    (Source::Register(_), _) => continue,
                    // The operand of this one is a single number, and so none that is spread.
                    (Source::Constant(_), Operand::Memory(base, at, _)) => {
                        let codes = [Code::VEX_Vmovupd_ymm_ymmm256, Code::EVEX_Vbroadcastsd_zmm_k1z_xmmm64];
                        (codes, Operand::Memory(base, at, false))
                    }
                    _ => ([Code::VEX_Vmovupd_ymm_ymmm256, Code::EVEX_Vmovupd_zmm_k1z_zmmm512], last),
                };
                check(vectors, &code(vectors, |x| x.load(r, source)), codes, &[own, last], Register::None, None);
            }
        }
    }

    const PACKED: [(Packed, [Code; 2]); 6] = [
        (Packed::And, [Code::VEX_Vandpd_ymm_ymm_ymmm256, Code::EVEX_Vandpd_zmm_k1z_zmm_zmmm512b64]),
        (Packed::Xor, [Code::VEX_Vxorpd_ymm_ymm_ymmm256, Code::EVEX_Vxorpd_zmm_k1z_zmm_zmmm512b64]),
        (Packed::Add, [Code::VEX_Vaddpd_ymm_ymm_ymmm256, Code::EVEX_Vaddpd_zmm_k1z_zmm_zmmm512b64_er]),
        (Packed::Mul, [Code::VEX_Vmulpd_ymm_ymm_ymmm256, Code::EVEX_Vmulpd_zmm_k1z_zmm_zmmm512b64_er]),
        (Packed::Sub, [Code::VEX_Vsubpd_ymm_ymm_ymmm256, Code::EVEX_Vsubpd_zmm_k1z_zmm_zmmm512b64_er]),
        (Packed::Div, [Code::VEX_Vdivpd_ymm_ymm_ymmm256, Code::EVEX_Vdivpd_zmm_k1z_zmm_zmmm512b64_er]),
    ];

    /// An operand as the decoder names it: a register, or a distance from one, spread over a vector or not.
    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Operand {
        At(Register),
        Memory(Register, u64, bool),
    }

    fn vector(vectors: Vectors, r: u8) -> Operand {
        let first = if vectors == Vectors::Avx2 { Register::YMM0 } else { Register::ZMM0 };
        Operand::At(first + u32::from(r))
    }

    fn operand(vectors: Vectors, source: Source) -> Operand {
        let address = |offset: i32| u64::try_from(offset).unwrap();
        match source {
            Source::Register(r) => vector(vectors, r),
            Source::Memory(Base::Columns, offset) => Operand::Memory(Register::RDI, address(offset), false),
            Source::Memory(Base::Constants, offset) => Operand::Memory(Register::RSI, address(offset), false),
            Source::Memory(Base::Spilled, offset) => Operand::Memory(Register::RDX, address(offset), false),
            Source::Memory(Base::Array(_), _) => unreachable!("an address that takes an instruction of its own"),
            Source::Constant(index) if vectors == Vectors::Avx2 => {
                Operand::Memory(Register::RSI, address(32 * index), false)
            }
            Source::Constant(index) => Operand::Memory(Register::RSI, address(8 * index), true),
        }
    }

    fn check(
        vectors: Vectors,
        bytes: &[u8],
        codes: [Code; 2],
        operands: &[Operand],
        mask: Register,
        predicate: Option<u8>,
    ) {
        let mut decoder = Decoder::new(64, bytes, DecoderOptions::NONE);
        let found: Instruction = decoder.decode();
        assert_eq!(found.len(), bytes.len(), "one instruction: {bytes:02x?}");
        let code = codes[if vectors == Vectors::Avx2 { 0 } else { 1 }];
        assert_eq!((found.code(), found.op_mask(), found.zeroing_masking()), (code, mask, false), "{bytes:02x?}");
        let count = operands.len() + usize::from(predicate.is_some());
        assert_eq!(found.op_count() as usize, count, "{bytes:02x?}");
        for (k, expected) in (0..).zip(operands) {
            let read = match found.op_kind(k) {
                iced_x86::OpKind::Register => Operand::At(found.op_register(k)),
                iced_x86::OpKind::Memory => {
                    assert_eq!(found.memory_index(), Register::None);
                    Operand::Memory(found.memory_base(), found.memory_displacement64(), found.is_broadcast())
                }
                other => panic!("{other:?} in {bytes:02x?}"),
            };
            assert_eq!(read, *expected, "{bytes:02x?}");
        }
        if let Some(predicate) = predicate {
            assert_eq!(found.immediate8(), predicate, "{bytes:02x?}");
        }
    }
}
