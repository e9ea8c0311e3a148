package org.sallyport.codegen.x64;

import static org.sallyport.codegen.x64.Reg.NONE;

import org.sallyport.TrapCode;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.pipeline.CodeSites;
import org.sallyport.codegen.pipeline.FunctionCode;
import org.sallyport.codegen.pipeline.ModuleCode;
import org.sallyport.codegen.regalloc.Allocation;
import org.sallyport.codegen.regalloc.Registers;
import org.sallyport.codegen.x64.IntegerAssembler.Alu;

/**
 * What all parts of emission share: the assembler, the places of the current instruction's operands, side tables,
 * code that goes behind the function, and what the flags are known to hold.
 *
 * <p><b>Flags.</b> Two facts let a comparison be left out. {@link #flagsRegister}: zero and sign flag are those of
 * this register, as after an addition; after logic, carry and overflow are clear too. {@link #compared}: the flags
 * are those of this very comparison. Every instruction that changes flags ends both, every write to a register the
 * facts that name it ({@link #wrote}).
 */
final class Emission {
    final Assembler asm = new Assembler();
    final Lir lir;
    final CpuFeatures cpu;
    final ModuleCode module;
    private final Mem mem = new Mem();
    private final Mem slot = new Mem();

    private int[] places = {};
    private int first;
    /** Bytes between the frame pointer and the first spill slot. */
    private int slotBase;
    /** Bytes from the frame pointer up to the first stack argument. */
    private int incoming;

    private final CodeSites sites;

    private int flagsRegister;
    private Width flagsWidth = Width.QWORD;
    private boolean flagsOfLogic;
    private boolean hasCompared;
    private long comparedForm;
    private long comparedPlaces;

    Emission(Lir lir, CpuFeatures cpu, ModuleCode module) {
        this.lir = lir;
        this.cpu = cpu;
        this.module = module;
        sites = new CodeSites(lir, asm.labels());
    }

    /**
     * @param slotsBegin bytes between the frame pointer and the first spill slot
     * @param incomingBegins bytes from the frame pointer up to the first stack argument
     */
    void begin(Allocation allocation, int slotsBegin, int incomingBegins) {
        asm.reset();
        places = allocation.operands();
        slotBase = slotsBegin;
        incoming = incomingBegins;
        sites.begin();
        forgetFlags();
    }

    /** Goes on to an instruction. */
    void at(int instruction) {
        first = lir.operandStart(instruction);
        sites.at(lir.position(instruction));
    }

    // ---- operands

    /** Place of the current instruction's operand {@code k}. */
    int place(int k) {
        return places[first + k];
    }

    boolean isSlot(int k) {
        return Allocation.isSlot(places[first + k]);
    }

    /** General register of operand {@code k}. */
    int reg(int k) {
        int place = places[first + k];
        assert place < Registers.VECTORS : "BUG: no general register: " + place;
        return place;
    }

    /** Vector register of operand {@code k}. */
    int xmm(int k) {
        int place = places[first + k];
        assert Registers.isVector(place) : "BUG: no vector register: " + place;
        return Reg.vector(place);
    }

    /** Operand {@code k} where it is a spill slot. */
    Mem slot(int k) {
        return slotAt(places[first + k]);
    }

    Mem slotAt(int place) {
        return slot.set(Reg.RBP, -slotBase - 8 * (place - Allocation.SLOT_BASE + 1));
    }

    /** Operand {@code k} where it is a spill slot of 16 bytes. */
    Mem wideSlot(int k) {
        return wideSlotAt(places[first + k]);
    }

    /** Constant {@code number} of the function, at a multiple of 16. */
    Mem wideConstant(int number) {
        return mem.setRip(asm.constant(lir.wide().low(number), lir.wide().high(number)));
    }

    /** Lowest address of a 16-byte slot. */
    Mem wideSlotAt(int place) {
        return slot.set(Reg.RBP, -slotBase - 8 * (place - Allocation.SLOT_BASE + 2));
    }

    /**
     * The memory operand, whose registers begin at operand {@code k}. Records the fault that it may cause, so it must
     * be written next.
     */
    Mem memory(int k, int aux, int disp) {
        if (Fields.is(aux, Fields.FAULTS)) {
            trapsHere((Fields.is(aux, Fields.NULLS) ? TrapCode.NULL_REFERENCE : TrapCode.MEMORY_OUT_OF_BOUNDS).ordinal());
        }
        return address(k, aux, disp);
    }

    Mem address(int k, int aux, int disp) {
        int base = switch (Fields.base(aux)) {
            case VREG -> reg(k);
            case MEMORY0 -> Abi.MEMORY0;
            case VMCTX -> Abi.VMCTX;
            case OUTGOING -> Reg.RSP;
            case INCOMING -> Reg.RBP;
            case ABSENT, POOL, NONE -> NONE;
        };
        int index = NONE;
        if (Fields.is(aux, Fields.INDEX)) {
            index = reg(Fields.base(aux) == Fields.Base.VREG ? k + 1 : k);
        }
        int start = Fields.base(aux) == Fields.Base.INCOMING ? incoming : 0;
        return mem.set(base, index, Fields.scale(aux), start + disp);
    }

    Mem constant(long bits) {
        return mem.setRip(asm.constant(bits));
    }

    Mem constantTwice(long bits) {
        return mem.setRip(asm.constant(bits, bits));
    }

    /** A memory operand that only the caller uses. */
    Mem at(int base, int disp) {
        return mem.set(base, disp);
    }

    // ---- side tables

    int position() {
        return sites.position();
    }

    /** The instruction that is written next may trap. */
    void trapsHere(int code) {
        sites.trapsHere(code);
    }

    /** Label of code that traps; it is written behind the function. */
    int trapStub(int code) {
        return sites.trapStub(code);
    }

    int trapStub(int code, int at) {
        return sites.trapStub(code, at);
    }

    /** A call was just written. */
    void called() {
        sites.called();
    }

    /** The callee took its arguments on the stack away: their place becomes the outgoing area's again. */
    void calledAndPopped(int bytes) {
        called();
        if (bytes != 0) {
            asm.aluImm(Alu.SUB, Width.QWORD, Reg.RSP, bytes);
        }
    }

    /** Where the call that was just written goes on when it throws. */
    void handled(int landing) {
        sites.handled(landing);
    }

    void callOutside(int target) {
        sites.relocation(asm.callOutside(), target);
    }

    void jumpOutside(int target) {
        sites.relocation(asm.jmpOutside(), target);
    }

    /** Code to be written behind the function. */
    void cold(Runnable path) {
        sites.cold(path);
    }

    /** Writes what goes behind the function. */
    void writeColdPaths() {
        sites.writeColdPaths(asm::ud2);
    }

    /** @param frame bytes from the frame pointer down to the stack pointer */
    FunctionCode finish(int alignment, int frame) {
        return sites.finish(asm.finish(), alignment, frame);
    }

    // ---- flags

    void forgetFlags() {
        flagsRegister = NONE;
        hasCompared = false;
    }

    /** A register was written by something that leaves the flags alone. */
    void wrote(int register) {
        if (register == flagsRegister) {
            flagsRegister = NONE;
        }
        if (hasCompared && mentions(comparedPlaces, register)) {
            hasCompared = false;
        }
    }

    /** Zero and sign flag now tell of {@code register}. */
    void setFlags(int register, Width width, boolean logic) {
        flagsRegister = register;
        flagsWidth = width;
        flagsOfLogic = logic;
        hasCompared = false;
    }

    /** Whether the flags are those of comparing the register with 0, as far as the condition looks. */
    boolean hasFlagsOf(int register, Width width, int cond) {
        if (register != flagsRegister || width != flagsWidth) {
            return false;
        }
        return flagsOfLogic || cond == Cond.E.ordinal() || cond == Cond.NE.ordinal() || cond == Cond.S.ordinal()
                || cond == Cond.NS.ordinal();
    }

    /** The flags are those of a comparison; form and places identify it. */
    void setCompared(long form, long operandPlaces) {
        flagsRegister = NONE;
        hasCompared = true;
        comparedForm = form;
        comparedPlaces = operandPlaces;
    }

    boolean isCompared(long form, long operandPlaces) {
        return hasCompared && comparedForm == form && comparedPlaces == operandPlaces;
    }

    boolean knowsFlags() {
        return hasCompared;
    }

    /** Two places in one word, for {@link #setCompared}. */
    static long places(int a, int b) {
        return (long) a << 32 | b & 0xFFFF_FFFFL;
    }

    private static boolean mentions(long operandPlaces, int register) {
        return (int) (operandPlaces >> 32) == register || (int) operandPlaces == register;
    }
}
