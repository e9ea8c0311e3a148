package org.sallyport.codegen.x64;

/**
 * Prefixes, ModRM and SIB (SDM vol. 2, chapter 2). An opcode is an {@code int} that carries its escape bytes:
 * {@code 0x58}, {@code 0x0F58}, {@code 0x0F38F7}, {@code 0x0F3A0A}.
 */
abstract class Encoding extends CodeBuffer {
    /** Mandatory prefixes. */
    static final int P66 = 0x66;
    static final int PF2 = 0xF2;
    static final int PF3 = 0xF3;

    private static final int MAP_0F = 0x0F;
    private static final int MAP_0F38 = 0x0F38;
    private static final int MAP_0F3A = 0x0F3A;

    // ---- legacy encoding

    /** Register form: {@code reg} in ModRM.reg, {@code rm} in ModRM.rm. */
    final void legacy(int prefix, int opcode, boolean wide, int reg, int rm) {
        prefix(prefix);
        rex(wide, reg, 0, rm, false);
        opcode(opcode);
        modRm(reg, rm);
    }

    /** Register form of byte instructions: registers 4–7 need a REX prefix to mean SPL, BPL, SIL, DIL. */
    final void legacyByte(int opcode, int reg, int rm, boolean regIsByte) {
        rex(false, reg, 0, rm, rm >= 4 || regIsByte && reg >= 4);
        opcode(opcode);
        modRm(reg, rm);
    }

    /** Memory form; {@code trailing} is the number of immediate bytes that follow. */
    final void legacy(int prefix, int opcode, boolean wide, int reg, Mem rm, int trailing) {
        prefix(prefix);
        rex(wide, reg, rm, false);
        opcode(opcode);
        modRm(reg, rm, trailing);
    }

    final void legacyByte(int opcode, int reg, Mem rm, int trailing, boolean regIsByte) {
        rex(false, reg, rm, regIsByte && reg >= 4);
        opcode(opcode);
        modRm(reg, rm, trailing);
    }

    private void prefix(int prefix) {
        if (prefix != 0) {
            u8(prefix);
        }
    }

    private void opcode(int opcode) {
        if (opcode > 0xFF) {
            if (opcode > 0xFFFF) {
                u8(opcode >> 16);
            }
            u8(opcode >> 8);
        }
        u8(opcode);
    }

    private void rex(boolean wide, int reg, Mem rm, boolean force) {
        rex(wide, reg, Math.max(0, rm.index), Math.max(0, rm.base), force);
    }

    private void rex(boolean wide, int reg, int index, int base, boolean force) {
        int rex = 0x40 | (wide ? 8 : 0) | (reg >> 3) << 2 | (index >> 3) << 1 | base >> 3;
        if (rex != 0x40 || force) {
            u8(rex);
        }
    }

    /** Opcode with the register in its low bits. */
    final void opcodePlus(int opcode, boolean wide, int register) {
        rex(wide, 0, 0, register, false);
        if (opcode > 0xFF) {
            u8(opcode >> 8);
        }
        u8((opcode & 0xFF) + (register & 7));
    }

    private void modRm(int reg, int rm) {
        u8(0xC0 | (reg & 7) << 3 | rm & 7);
    }

    /**
     * Base 4 (RSP, R12) can only be written with a SIB byte, base 5 (RBP, R13) only with a displacement, no base at
     * all only as SIB with base 5 and a 32-bit displacement.
     */
    private void modRm(int reg, Mem rm, int trailing) {
        int r = (reg & 7) << 3;
        if (rm.label >= 0) {
            u8(r | 5);
            relativeField(rm.label, trailing);
        } else if (rm.base < 0) {
            u8(r | 4);
            u8(rm.scale << 6 | (rm.index < 0 ? 4 : rm.index & 7) << 3 | 5);
            i32(rm.disp);
        } else {
            int base = rm.base & 7;
            int mod = rm.disp == 0 && base != 5 ? 0 : rm.disp == (byte) rm.disp ? 0x40 : 0x80;
            if (rm.index >= 0 || base == 4) {
                assert rm.index != Reg.RSP : "BUG: rsp as index";
                u8(mod | r | 4);
                u8(rm.scale << 6 | (rm.index < 0 ? 4 : rm.index & 7) << 3 | base);
            } else {
                u8(mod | r | base);
            }
            if (mod == 0x40) {
                u8(rm.disp);
            } else if (mod == 0x80) {
                i32(rm.disp);
            }
        }
    }

    // ---- VEX encoding (SDM vol. 2, 2.3)

    final void vex(int prefix, int opcode, boolean wide, boolean l256, int reg, int v, int rm) {
        vexPrefix(prefix, opcode, wide, l256, reg, v, 0, rm);
        u8(opcode);
        modRm(reg, rm);
    }

    final void vex(int prefix, int opcode, boolean wide, boolean l256, int reg, int v, Mem rm, int trailing) {
        vexPrefix(prefix, opcode, wide, l256, reg, v, Math.max(0, rm.index), Math.max(0, rm.base));
        u8(opcode);
        modRm(reg, rm, trailing);
    }

    private void vexPrefix(int prefix, int opcode, boolean wide, boolean l256, int reg, int v, int index, int base) {
        int pp = switch (prefix) {
            case P66 -> 1;
            case PF3 -> 2;
            case PF2 -> 3;
            default -> 0;
        };
        int map = opcode >> 8;
        int tail = (~v & 15) << 3 | (l256 ? 4 : 0) | pp;
        if (map == MAP_0F && !wide && index < 8 && base < 8) {
            u8(0xC5);
            u8((reg < 8 ? 0x80 : 0) | tail);
        } else {
            int m = switch (map) {
                case MAP_0F -> 1;
                case MAP_0F38 -> 2;
                case MAP_0F3A -> 3;
                default -> throw new AssertionError("BUG: opcode map " + Integer.toHexString(map));
            };
            u8(0xC4);
            u8((reg < 8 ? 0x80 : 0) | (index < 8 ? 0x40 : 0) | (base < 8 ? 0x20 : 0) | m);
            u8((wide ? 0x80 : 0) | tail);
        }
    }

    // ---- operand sizes and immediates

    static boolean fitsByte(int imm) {
        return imm == (byte) imm;
    }

    /** Immediate size of {@code imm} in an instruction of width {@code w} that has no short form. */
    static int immBytes(Width w) {
        return Math.min(w.bytes(), 4);
    }

    final void imm(Width w, int imm) {
        switch (w) {
            case BYTE -> u8(imm);
            case WORD -> {
                u8(imm);
                u8(imm >> 8);
            }
            case DWORD, QWORD -> i32(imm);
        }
    }

    static int p16(Width w) {
        return w == Width.WORD ? P66 : 0;
    }

    /** Opcode pairs whose low bit tells byte (0) from other widths (1). */
    final void sized(Width w, int byteOpcode, int reg, int rm) {
        if (w == Width.BYTE) {
            legacyByte(byteOpcode, reg, rm, true);
        } else {
            legacy(p16(w), byteOpcode | 1, w == Width.QWORD, reg, rm);
        }
    }

    final void sized(Width w, int byteOpcode, int reg, Mem rm, int trailing, boolean regIsByte) {
        if (w == Width.BYTE) {
            legacyByte(byteOpcode, reg, rm, trailing, regIsByte);
        } else {
            legacy(p16(w), byteOpcode | 1, w == Width.QWORD, reg, rm, trailing);
        }
    }

    final void sizedDigit(Width w, int byteOpcode, int digit, int rm) {
        if (w == Width.BYTE) {
            legacyByte(byteOpcode, digit, rm, false);
        } else {
            legacy(p16(w), byteOpcode | 1, w == Width.QWORD, digit, rm);
        }
    }
}
