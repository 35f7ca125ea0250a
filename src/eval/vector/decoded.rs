//! Finished machine code, read by another decoder: nothing but what is meant to be there, and no address out of bounds.

use super::BatchCode;
use crate::eval::block::BLOCK;
use iced_x86::{Decoder, DecoderOptions, Instruction, MemorySize, Mnemonic, OpKind, Register};

impl BatchCode {
    /// Checks every instruction of every loop.
    ///
    /// # Panics
    /// If one is none of those that arithmetic needs, or reads or writes beyond columns, constants or what is put aside.
    pub(in crate::eval) fn check(&self) {
        let Some(code) = &self.code else { return };
        let starts: Vec<_> = self.starts.iter().flatten().collect();
        for (k, start) in starts.iter().enumerate() {
            let end = starts.get(k + 1).map_or(code.len(), |next| next.place);
            let mut decoder = Decoder::with_ip(64, &code[start.place..end], 0, DecoderOptions::NONE);
            let loop_code: Vec<Instruction> = decoder.iter().collect();
            let (body, closing) = loop_code.split_at(loop_code.len() - 5);
            body.iter().for_each(|instruction| self.check_arithmetic(instruction, 8 * start.numbers));
            let [step, count, back, zero, leave] = closing else { panic!("a loop ends in five instructions") };
            assert_eq!((step.mnemonic(), step.op0_register()), (Mnemonic::Add, Register::RDI));
            assert_eq!(step.immediate(1), 8 * start.numbers as u64);
            assert_eq!((count.mnemonic(), count.op0_register(), count.immediate(1)), (Mnemonic::Sub, Register::RCX, 1));
            assert_eq!((back.mnemonic(), back.near_branch_target()), (Mnemonic::Jne, 0));
            assert_eq!((zero.mnemonic(), leave.mnemonic()), (Mnemonic::Vzeroupper, Mnemonic::Ret));
        }
    }

    /// An instruction of a turn that takes so many bytes of every column.
    fn check_arithmetic(&self, instruction: &Instruction, turn: usize) {
        use Mnemonic::{
            Vaddpd, Vandpd, Vblendmpd, Vblendvpd, Vbroadcastsd, Vcmppd, Vdivpd, Vmovupd, Vmulpd, Vsqrtpd, Vsubpd,
            Vxorpd,
        };
        let known = [
            Vaddpd,
            Vandpd,
            Vblendmpd,
            Vblendvpd,
            Vbroadcastsd,
            Vcmppd,
            Vdivpd,
            Vmovupd,
            Vmulpd,
            Vsqrtpd,
            Vsubpd,
            Vxorpd,
        ];
        assert!(known.contains(&instruction.mnemonic()), "{instruction:?}");
        if instruction.op_kinds().all(|kind| kind != OpKind::Memory) {
            return;
        }
        assert_eq!(instruction.memory_index(), Register::None, "{instruction:?}");
        let at = usize::try_from(instruction.memory_displacement64()).expect("an address ahead");
        let end = at
            + match instruction.memory_size() {
                MemorySize::Float64 | MemorySize::Broadcast512_Float64 => 8,
                MemorySize::Packed256_Float64 => 32,
                MemorySize::Packed512_Float64 => 64,
                other => panic!("{other:?} in {instruction:?}"),
            };
        let stores = instruction.op0_kind() == OpKind::Memory;
        match instruction.memory_base() {
            // Within the part of one column that is this turn's.
            Register::RDI => {
                assert!(end <= 8 * BLOCK * self.plan.columns, "{instruction:?}");
                assert!(at % (8 * BLOCK) + (end - at) <= turn, "{instruction:?}");
            }
            Register::RSI => assert!(end <= 8 * self.constants.len() && !stores, "{instruction:?}"),
            Register::RDX => assert!(end <= 8 * BLOCK * self.spilled, "{instruction:?}"),
            other => panic!("{other:?} in {instruction:?}"),
        }
    }

    /// Whether some loop puts numbers aside, and whether some loop takes two vectors a turn.
    pub(in crate::eval) fn strains(&self) -> [bool; 2] {
        // AVX-512 has eight numbers in a vector; AVX2 takes one of its vectors of four.
        [self.spilled > 0, self.starts.iter().flatten().any(|start| start.numbers > 8)]
    }
}
