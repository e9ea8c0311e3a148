package org.sallyport.codegen.aarch64;

import org.sallyport.codegen.aarch64.MemoryAssembler.Moved;
import org.sallyport.codegen.ir.Access;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.Op;
import org.sallyport.codegen.ir.Type;
import org.sallyport.codegen.lir.Lir;

/** Selects instructions for loads and stores. */
final class LowerMemory {
    private final Selection s;
    private final Graph graph;
    private final Lir lir;
    private final Address address;

    LowerMemory(Selection s, Address address) {
        this.s = s;
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

    /** The row that loads for a value of the type; what a narrower access leaves of a vector is 0. */
    static Moved load(Type type, Access access) {
        return switch (type) {
            case I32 -> switch (access) {
                case S8 -> Moved.LDRSBW;
                case S16 -> Moved.LDRSHW;
                default -> integer(access);
            };
            case I64, REF -> integer(access);
            case F32, F64, V128 -> vector(access, true);
            case VOID -> throw new AssertionError("BUG: load of " + type);
        };
    }

    private static Moved integer(Access access) {
        return switch (access) {
            case U8 -> Moved.LDRB;
            case S8 -> Moved.LDRSBX;
            case U16 -> Moved.LDRH;
            case S16 -> Moved.LDRSHX;
            case U32 -> Moved.LDRW;
            case S32 -> Moved.LDRSWX;
            case W64 -> Moved.LDRX;
            case W128 -> throw new AssertionError("BUG: integer of 16 bytes");
        };
    }

    private static Moved vector(Access access, boolean isLoad) {
        return switch (access) {
            case U8 -> isLoad ? Moved.LDR_B : Moved.STR_B;
            case U16 -> isLoad ? Moved.LDR_H : Moved.STR_H;
            case U32 -> isLoad ? Moved.LDR_S : Moved.STR_S;
            case W64 -> isLoad ? Moved.LDR_D : Moved.STR_D;
            case W128 -> isLoad ? Moved.LDR_Q : Moved.STR_Q;
            case S8, S16, S32 -> throw new AssertionError("BUG: vector register of " + access);
        };
    }

    static Moved store(Type type, Access access) {
        return switch (type) {
            case I32, I64, REF -> switch (access.bytes()) {
                case 1 -> Moved.STRB;
                case 2 -> Moved.STRH;
                case 4 -> Moved.STRW;
                default -> Moved.STRX;
            };
            case F32, F64, V128 -> vector(access, false);
            case VOID -> throw new AssertionError("BUG: store of " + type);
        };
    }

    /** Loads for {@code result}, the load itself or a reinterpretation that swallows it. */
    void load(int load, int result) {
        address.of(load);
        Moved row = load(graph.type(result), graph.access(load));
        lir.add(Inst.LOAD.ordinal(), Fields.sub(row) | address.aux(), address.position());
        lir.def(s.result(result));
        address.write();
    }

    private void store(int v) {
        Access access = graph.access(v);
        int value = behindReinterpretation(graph.b(v), access);
        Type type = graph.type(value);
        if (graph.isConst(value) && type != Type.V128 && s.constantBits(value) == 0) {
            address.of(v);
            lir.add(Inst.STORE_Z.ordinal(), Fields.sub(store(Type.I64, access)) | address.aux(), address.position());
            address.write();
            return;
        }
        boolean isVector = type == Type.F32 || type == Type.F64 || type == Type.V128;
        int r = isVector ? s.reg(value) : s.lowReg(value, access.bytes() * 8);
        address.of(v);
        lir.add(Inst.STORE.ordinal(), Fields.sub(store(type, access)) | address.aux(), address.position());
        lir.use(r);
        address.write();
    }

    /** A store of all bits does not care for the type. */
    private int behindReinterpretation(int v, Access access) {
        boolean whole = access == Access.full(graph.type(v));
        return whole && graph.op(v) == Op.REINTERPRET && s.isPrivate(v) ? graph.a(v) : v;
    }
}
