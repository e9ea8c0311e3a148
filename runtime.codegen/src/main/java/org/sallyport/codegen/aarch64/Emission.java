package org.sallyport.codegen.aarch64;

import static org.sallyport.codegen.aarch64.Reg.NONE;

import org.sallyport.TrapCode;
import org.sallyport.codegen.aarch64.IntegerAssembler.Alu;
import org.sallyport.codegen.aarch64.IntegerAssembler.Shift;
import org.sallyport.codegen.aarch64.MemoryAssembler.Moved;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.pipeline.CodeSites;
import org.sallyport.codegen.pipeline.FunctionCode;
import org.sallyport.codegen.pipeline.ModuleCode;
import org.sallyport.codegen.regalloc.Allocation;
import org.sallyport.codegen.regalloc.Registers;

/**
 * What all parts of emission share: the assembler, the places of the current instruction's operands, memory operands, side
 * tables.
 *
 * <p><b>Scratch.</b> {@link Abi#TEMP} and the link register belong to single instructions of the LIR; {@link Abi#SCRATCH} too,
 * except in moves of the allocator, which may keep a value there from one to the next.
 */
final class Emission {
    final Assembler asm = new Assembler();
    final Lir lir;
    final CpuFeatures cpu;
    final ModuleCode module;
    private final CodeSites sites;
    private int[] places = {};
    private int first;
    /** Bytes from the stack pointer up to the end of the spill slots, which the first one ends at. */
    private int slotEnd;
    /** Bytes from the frame pointer up to the first stack argument. */
    private int incoming;

    Emission(Lir lir, CpuFeatures cpu, ModuleCode module) {
        this.lir = lir;
        this.cpu = cpu;
        this.module = module;
        sites = new CodeSites(lir, asm.labels());
    }

    /**
     * @param slotsEnd bytes from the stack pointer up to the end of the spill slots
     * @param incomingBegins bytes from the frame pointer up to the first stack argument
     */
    void begin(Allocation allocation, int slotsEnd, int incomingBegins) {
        asm.reset();
        places = allocation.operands();
        slotEnd = slotsEnd;
        incoming = incomingBegins;
        sites.begin();
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

    /** General register of operand {@code k}. */
    int reg(int k) {
        int place = places[first + k];
        assert place < Registers.VECTORS : "BUG: no general register: " + place;
        return place;
    }

    /** Vector register of operand {@code k}. */
    int vec(int k) {
        int place = places[first + k];
        assert Registers.isVector(place) : "BUG: no vector register: " + place;
        return Reg.vector(place);
    }

    /** Encoding of operand {@code k} in whatever bank. */
    int any(int k) {
        int place = places[first + k];
        return Registers.isVector(place) ? Reg.vector(place) : place;
    }

    // ---- memory

    /** Loads or stores at {@code base + disp}, however large that is. */
    void move(Moved op, int register, int base, long disp) {
        if (MemoryAssembler.reaches(op, disp)) {
            asm.moved(op, register, base, disp);
        } else {
            asm.movImm(Abi.TEMP, disp);
            asm.movedIndexed(op, register, base, Abi.TEMP, 0);
        }
    }

    void load(int register, int base, long disp) {
        move(Moved.LDRX, register, base, disp);
    }

    void store(int register, int base, long disp) {
        move(Moved.STRX, register, base, disp);
    }

    /** Distance of a spill slot from the stack pointer, by its place and 8-byte units. */
    int slot(int place, int units) {
        return slotEnd - 8 * (place - Allocation.SLOT_BASE + units);
    }

    private int base(int k, int aux) {
        return switch (Fields.base(aux)) {
            case VREG -> reg(k);
            case MEMORY0 -> Abi.MEMORY0;
            case VMCTX -> Abi.VMCTX;
            case OUTGOING -> Reg.SP;
            case INCOMING -> Reg.FP;
            case NONE -> throw new AssertionError("BUG: no memory operand");
        };
    }

    private int index(int k, int aux) {
        return !Fields.is(aux, Fields.INDEX) ? NONE : reg(Fields.base(aux) == Fields.Base.VREG ? k + 1 : k);
    }

    private long displacement(int aux, int disp) {
        return Fields.base(aux) == Fields.Base.INCOMING ? (long) incoming + disp : disp;
    }

    /** The access of an instruction whose memory operand's registers begin at operand {@code k}. */
    void access(Moved op, int register, int k, int i) {
        int aux = lir.aux(i);
        int base = base(k, aux);
        int index = index(k, aux);
        long disp = displacement(aux, lir.disp(i));
        if (index == NONE) {
            if (!MemoryAssembler.reaches(op, disp)) {
                asm.movImm(Abi.TEMP, disp);
                faultsHere(aux);
                asm.movedIndexed(op, register, base, Abi.TEMP, 0);
                return;
            }
            faultsHere(aux);
            asm.moved(op, register, base, disp);
        } else if (disp == 0 && (Fields.indexShift(aux) == 0 || Fields.indexShift(aux) == op.log)) {
            faultsHere(aux);
            asm.movedIndexed(op, register, base, index, Fields.indexShift(aux));
        } else if (MemoryAssembler.reaches(op, disp)) {
            asm.alu(Alu.ADD, true, Abi.TEMP, base, index, Shift.LSL, Fields.indexShift(aux));
            faultsHere(aux);
            asm.moved(op, register, Abi.TEMP, disp);
        } else {
            asm.movImm(Abi.TEMP, disp);
            asm.alu(Alu.ADD, true, Abi.TEMP, Abi.TEMP, index, Shift.LSL, Fields.indexShift(aux));
            faultsHere(aux);
            asm.movedIndexed(op, register, base, Abi.TEMP, 0);
        }
    }

    /** The memory operand's address in a register, which may be {@link Abi#TEMP}. */
    int address(int k, int i) {
        int aux = lir.aux(i);
        int base = base(k, aux);
        int index = index(k, aux);
        long disp = displacement(aux, lir.disp(i));
        if (index == NONE && disp == 0) {
            return base;
        }
        if (index == NONE) {
            asm.addAny(Abi.TEMP, base, disp);
        } else if (disp == 0) {
            asm.alu(Alu.ADD, true, Abi.TEMP, base, index, Shift.LSL, Fields.indexShift(aux));
        } else {
            asm.movImm(Abi.TEMP, disp);
            asm.alu(Alu.ADD, true, Abi.TEMP, Abi.TEMP, index, Shift.LSL, Fields.indexShift(aux));
            asm.alu(Alu.ADD, true, Abi.TEMP, Abi.TEMP, base);
        }
        return Abi.TEMP;
    }

    /** The instruction that is written next may run into a guard page. */
    void faultsHere(int aux) {
        if (Fields.is(aux, Fields.FAULTS)) {
            sites.trapsHere((Fields.is(aux, Fields.NULLS) ? TrapCode.NULL_REFERENCE : TrapCode.MEMORY_OUT_OF_BOUNDS).ordinal());
        }
    }

    // ---- side tables

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

    /**
     * A call was just written, whose callee took its arguments on the stack away: their place becomes the outgoing area's
     * again.
     */
    void called(int popped) {
        sites.called();
        if (popped != 0) {
            asm.addAny(Reg.SP, Reg.SP, -popped);
        }
    }

    /** Where the call that was just written goes on when it throws. */
    void handled(int landing) {
        sites.handled(landing);
    }

    void callOutside(int target) {
        sites.relocation(asm.blOutside(), target);
    }

    void jumpOutside(int target) {
        sites.relocation(asm.bOutside(), target);
    }

    /** Code to be written behind the function. */
    void cold(Runnable path) {
        sites.cold(path);
    }

    /** Writes what goes behind the function. */
    void writeColdPaths() {
        sites.writeColdPaths(asm::udf);
    }

    /** @param frame bytes from the frame pointer down to the stack pointer */
    FunctionCode finish(int alignment, int frame) {
        return sites.finish(asm.finish(), alignment, frame);
    }
}
