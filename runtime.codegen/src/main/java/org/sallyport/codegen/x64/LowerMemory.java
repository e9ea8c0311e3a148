package org.sallyport.codegen.x64;

import org.jspecify.annotations.Nullable;
import org.sallyport.codegen.ir.Access;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.Op;
import org.sallyport.codegen.ir.Type;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.x64.BitAssembler.Shift;
import org.sallyport.codegen.x64.IntegerAssembler.Alu;

/** Selects instructions for loads, stores, and operations on memory in place. */
final class LowerMemory {
    private final Selection s;
    private final Graph graph;
    private final Lir lir;
    private final Address address;
    private final LowerLanes lanes;

    LowerMemory(Selection s, Address address, LowerLanes lanes) {
        this.s = s;
        this.lanes = lanes;
        this.address = address;
        graph = s.graph;
        lir = s.lir;
    }

    boolean lower(int v, Op op) {
        switch (op) {
            case LOAD, VMLOAD -> load(v, v);
            case STORE, VMSTORE -> store(v);
            default -> {
                return false;
            }
        }
        return true;
    }

    static Width width(Access access) {
        return switch (access) {
            case U8, S8 -> Width.BYTE;
            case U16, S16 -> Width.WORD;
            case U32, S32 -> Width.DWORD;
            case W64 -> Width.QWORD;
            case W128 -> throw new AssertionError("BUG: integer of 16 bytes");
        };
    }

    /** Loads for {@code result}, the load itself or a reinterpretation that swallows it. */
    void load(int load, int result) {
        if (graph.type(result) == Type.V128) {
            lanes.load(load);
            return;
        }
        address.of(load);
        Access access = graph.access(load);
        Type type = graph.type(result);
        switch (type) {
            case I32, I64, REF -> {
                int sign = access.isSigned() ? Fields.SIGNED : 0;
                int aux = Fields.width(type) | Fields.sub(width(access)) | sign;
                lir.add(Inst.LOAD.ordinal(), aux | address.aux(), address.position());
            }
            case F32, F64 -> lir.add(Inst.FLOAD.ordinal(), Fields.precision(type) | address.aux(), address.position());
            case V128, VOID -> throw new AssertionError("BUG: load of " + type);
        }
        lir.def(s.result(result));
        address.write();
    }

    private void store(int v) {
        Access access = graph.access(v);
        int value = behindReinterpretation(graph.b(v), access);
        if (lanes.store(v, access, value)) {
            return;
        }
        switch (graph.type(value)) {
            case I32, I64, REF -> storeInt(v, access, value);
            case F32, F64 -> storeFloat(v, access, value);
            case V128 -> lanes.store(v, value);
            case VOID -> throw new AssertionError("BUG: store of " + graph.type(value));
        }
    }

    private void storeFloat(int v, Access access, int value) {
        if (graph.isConst(value)) {
            storeFloatConstant(v, access, value);
            return;
        }
        int r = s.reg(value);
        address.of(v);
        int precision = Fields.precision(graph.type(value));
        lir.add(Inst.FSTORE.ordinal(), precision | address.aux(), address.position());
        lir.use(r);
        address.write();
    }

    private void storeInt(int v, Access access, int value) {
        if (s.isImm(value) || graph.isConst(value) && access.bytes() < 8) {
            storeImm(v, access, (int) graph.imm(value));
        } else if (!modifyInPlace(v, access, value)) {
            int r = s.lowReg(value, access.bytes() * 8);
            address.of(v);
            lir.add(Inst.STORE.ordinal(), Fields.width(width(access)) | address.aux(), address.position());
            lir.use(r);
            address.write();
        }
    }

    /** A store of all bits does not care for the type. A narrow one does: registers of floats have no narrow stores. */
    private int behindReinterpretation(int v, Access access) {
        boolean whole = access == Access.full(graph.type(v));
        return whole && graph.op(v) == Op.REINTERPRET && s.isPrivate(v) ? graph.a(v) : v;
    }

    private void storeImm(int v, Access access, int imm) {
        address.of(v);
        lir.add(Inst.STORE_I.ordinal(), Fields.width(width(access)) | address.aux(), address.position());
        lir.setImm(imm);
        address.write();
    }

    private void storeFloatConstant(int v, Access access, int value) {
        long bits = s.constantBits(value);
        if (access == Access.U32 || bits == (int) bits) {
            storeImm(v, access, (int) bits);
        } else {
            int r = s.constant(bits);
            address.of(v);
            lir.add(Inst.STORE.ordinal(), Fields.QWORD | address.aux(), address.position());
            lir.use(r);
            address.write();
        }
    }

    /** {@code store(a, op(load(a), x))} with nothing in between that writes or traps otherwise. */
    private boolean modifyInPlace(int store, Access access, int value) {
        if (access.bytes() == 2 || !s.isPrivate(value)) {
            return false;
        }
        Op op = graph.op(value);
        Shift shift = shift(op);
        Alu alu = alu(op);
        if (alu == null && shift == null) {
            return false;
        }
        int x = graph.a(value);
        int y = graph.b(value);
        if (alu != null && alu.isCommutative() && !isSamePlace(x, store, access)) {
            int t = x;
            x = y;
            y = t;
        }
        if (!isSamePlace(x, store, access) || shift != null && !isNarrowShift(value, access)) {
            return false;
        }
        if (alu != null) {
            modify(x, access, alu, y);
            return true;
        }
        if (!graph.isConst(y)) {
            return false;
        }
        address.swallow(x);
        lir.add(Inst.SHIFT_MI.ordinal(), Fields.width(width(access)) | Fields.sub(shift) | address.aux(),
                address.position());
        lir.setImm(graph.imm(y) & access.bytes() * 8 - 1);
        address.write();
        return true;
    }

    /** A shift in memory works on as many bits as the operation only for whole values. */
    private boolean isNarrowShift(int value, Access access) {
        return access.bytes() == graph.type(value).bytes();
    }

    private void modify(int load, Access access, Alu op, int y) {
        int aux = Fields.width(width(access)) | Fields.sub(op);
        if (s.isImm(y) || graph.isConst(y) && access.bytes() < 8) {
            address.swallow(load);
            lir.add(Inst.ALU_MI.ordinal(), aux | address.aux(), address.position());
            lir.setImm(narrow((int) graph.imm(y), access));
        } else {
            int r = s.lowReg(y, access.bytes() * 8);
            address.swallow(load);
            lir.add(Inst.ALU_MR.ordinal(), aux | address.aux(), address.position());
            lir.use(r);
        }
        address.write();
    }

    static int narrow(int imm, Access access) {
        return access.bytes() == 1 ? (byte) imm : imm;
    }

    private boolean isSamePlace(int load, int store, Access access) {
        Op wanted = graph.op(store) == Op.STORE ? Op.LOAD : Op.VMLOAD;
        return graph.op(load) == wanted && s.isSinkableLoad(load) && graph.a(load) == graph.a(store)
                && graph.imm(load) == graph.imm(store) && graph.access(load).bytes() == access.bytes()
                && (wanted == Op.VMLOAD || graph.memory(load) == graph.memory(store));
    }

    private static @Nullable Alu alu(Op op) {
        return switch (op) {
            case ADD -> Alu.ADD;
            case SUB -> Alu.SUB;
            case AND -> Alu.AND;
            case OR -> Alu.OR;
            case XOR -> Alu.XOR;
            default -> null;
        };
    }

    private static @Nullable Shift shift(Op op) {
        return switch (op) {
            case SHL -> Shift.SHL;
            case SHR_S -> Shift.SAR;
            case SHR_U -> Shift.SHR;
            default -> null;
        };
    }
}
