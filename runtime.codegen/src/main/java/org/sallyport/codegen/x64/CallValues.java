package org.sallyport.codegen.x64;

import org.sallyport.codegen.ir.Access;
import org.sallyport.codegen.ir.Alias;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.Op;
import org.sallyport.codegen.ir.Type;
import org.sallyport.codegen.lir.Ints;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.regalloc.Registers;
import org.sallyport.codegen.x64.VectorAssembler.Stored;
import org.sallyport.spi.VmLayout;

/**
 * Values that go to other functions or come from them: those in registers are collected until the instruction is there that
 * takes them; those on the stack are stored and loaded, 8 or 16 bytes each, an i32 zero-extended.
 */
final class CallValues {
    private final Selection s;
    private final Graph graph;
    private final Lir lir;
    /** The collected values, with their registers. */
    private final Ints vregs = new Ints();
    private final Ints places = new Ints();

    CallValues(Selection s) {
        this.s = s;
        graph = s.graph;
        lir = s.lir;
    }

    void clear() {
        vregs.clear();
        places.clear();
    }

    void add(int value, int register) {
        vregs.add(s.reg(value));
        places.add(register);
    }

    /** How many of the collected values go into general registers. */
    int integers() {
        int count = 0;
        for (int i = 0; i < places.size(); i++) {
            count += Registers.isVector(places.get(i)) ? 0 : 1;
        }
        return count;
    }

    /** The instruction just made takes what was collected. */
    void use() {
        for (int i = 0; i < vregs.size(); i++) {
            lir.useFixed(vregs.get(i), places.get(i));
        }
    }

    void store(int value, Type type, Address to, int position) {
        if (s.isImm(value) && s.constantBits(value) == (int) s.constantBits(value)) {
            lir.add(Inst.STORE_I.ordinal(), Fields.QWORD | to.aux(), position);
            lir.setImm(s.constantBits(value));
            to.write();
            return;
        }
        int r = s.reg(value);
        switch (type) {
            case I32, I64, REF -> lir.add(Inst.STORE.ordinal(), Fields.QWORD | to.aux(), position);
            case F32, F64 -> lir.add(Inst.FSTORE.ordinal(), Fields.precision(type) | to.aux(), position);
            case V128 -> lir.add(Inst.VSTORE.ordinal(), Fields.row(Stored.MOVUPS) | to.aux(), position);
            case VOID -> throw new AssertionError("BUG: argument or result is " + type);
        }
        lir.use(r);
        to.write();
    }

    void load(int vreg, Type type, Address from) {
        switch (type) {
            case I32, I64, REF ->
                lir.add(Inst.LOAD.ordinal(), Fields.QWORD | Fields.sub(Width.of(type)) | from.aux(), -1);
            case F32, F64 -> lir.add(Inst.FLOAD.ordinal(), Fields.precision(type) | from.aux(), -1);
            case V128 -> lir.add(Inst.VUN_M.ordinal(), Fields.row(Simd.MOVUPS) | from.aux(), -1);
            case VOID -> throw new AssertionError("BUG: argument or result is " + type);
        }
        lir.def(vreg);
        from.write();
    }

    /** Code and context are loaded from one function reference and used here only. */
    boolean isFieldOf(int code, int context) {
        return isSinkableField(code, VmLayout.FUNCREF_CODE) && isSinkableField(context, VmLayout.FUNCREF_VMCTX)
                && graph.a(code) == graph.a(context);
    }

    /** The fields never change, so that nothing in between matters. */
    private boolean isSinkableField(int v, int offset) {
        return graph.op(v) == Op.VMLOAD && s.isPrivate(v) && graph.imm(v) == offset && graph.access(v) == Access.W64
                && graph.aliasClass(v) == Alias.CONSTANT;
    }
}
