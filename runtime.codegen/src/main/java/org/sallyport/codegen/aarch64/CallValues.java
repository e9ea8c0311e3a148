package org.sallyport.codegen.aarch64;

import org.sallyport.codegen.aarch64.MemoryAssembler.Moved;
import org.sallyport.codegen.ir.Access;
import org.sallyport.codegen.ir.Alias;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.Op;
import org.sallyport.codegen.ir.Type;
import org.sallyport.codegen.lir.Ints;
import org.sallyport.codegen.lir.Lir;
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

    /** The instruction just made takes what was collected. */
    void use() {
        for (int i = 0; i < vregs.size(); i++) {
            lir.useFixed(vregs.get(i), places.get(i));
        }
    }

    void store(int value, Type type, Address to, int position) {
        boolean isVector = type == Type.F32 || type == Type.F64 || type == Type.V128;
        if (!isVector && s.isConst(value, 0)) {
            lir.add(Inst.STORE_Z.ordinal(), Fields.sub(Moved.STRX) | to.aux(), position);
            to.write();
            return;
        }
        int r = s.reg(value);
        lir.add(Inst.STORE.ordinal(), Fields.sub(isVector ? LowerMemory.store(type, Access.full(type)) : Moved.STRX) | to.aux(),
                position);
        lir.use(r);
        to.write();
    }

    void load(int vreg, Type type, Address from) {
        lir.add(Inst.LOAD.ordinal(), Fields.sub(LowerMemory.load(type, Access.full(type))) | from.aux(), -1);
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
