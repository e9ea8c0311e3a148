package org.sallyport.codegen.ir;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.Effect;
import org.sallyport.wasm.Effect.Fixed;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.Opcode;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.ValType;

/**
 * How a regular wasm instruction becomes one of the graph: number of operands, operation, result type. The rows pair the
 * operator's name in the specification with {@link Op}; they apply to all types that have such an operator.
 */
record Translation(Kind kind, Op op, Type type, Access access) {

    enum Kind {
        UNARY,
        BINARY,
        /** Comparison with 0. */
        TEST,
        LOAD,
        STORE
    }

    // @formatter:off
    private static final Object[][] ROWS = {
        {"add", Op.ADD},          {"sub", Op.SUB},          {"mul", Op.MUL},
        {"div_s", Op.DIV_S},      {"div_u", Op.DIV_U},      {"rem_s", Op.REM_S},      {"rem_u", Op.REM_U},
        {"and", Op.AND},          {"or", Op.OR},            {"xor", Op.XOR},
        {"shl", Op.SHL},          {"shr_s", Op.SHR_S},      {"shr_u", Op.SHR_U},
        {"rotl", Op.ROTL},        {"rotr", Op.ROTR},
        {"clz", Op.CLZ},          {"ctz", Op.CTZ},          {"popcnt", Op.POPCNT},
        {"eqz", Op.EQ},           {"eq", Op.EQ},            {"ne", Op.NE},
        {"lt_s", Op.LT_S},        {"lt_u", Op.LT_U},        {"gt_s", Op.GT_S},        {"gt_u", Op.GT_U},
        {"le_s", Op.LE_S},        {"le_u", Op.LE_U},        {"ge_s", Op.GE_S},        {"ge_u", Op.GE_U},
        {"extend8_s", Op.EXTEND8_S},                        {"extend16_s", Op.EXTEND16_S},
        {"wrap_i64", Op.WRAP},    {"extend_i32_s", Op.EXTEND_S}, {"extend_i32_u", Op.EXTEND_U},
        {"trunc_f32_s", Op.TRUNC_S},         {"trunc_f32_u", Op.TRUNC_U},
        {"trunc_f64_s", Op.TRUNC_S},         {"trunc_f64_u", Op.TRUNC_U},
        {"trunc_sat_f32_s", Op.TRUNC_SAT_S}, {"trunc_sat_f32_u", Op.TRUNC_SAT_U},
        {"trunc_sat_f64_s", Op.TRUNC_SAT_S}, {"trunc_sat_f64_u", Op.TRUNC_SAT_U},
        {"reinterpret_f32", Op.REINTERPRET}, {"reinterpret_f64", Op.REINTERPRET},
    };

    private static final Object[][] FLOAT_ROWS = {
        {"add", Op.FADD},         {"sub", Op.FSUB},         {"mul", Op.FMUL},         {"div", Op.FDIV},
        {"min", Op.FMIN},         {"max", Op.FMAX},         {"copysign", Op.FCOPYSIGN},
        {"abs", Op.FABS},         {"neg", Op.FNEG},         {"sqrt", Op.FSQRT},
        {"ceil", Op.FCEIL},       {"floor", Op.FFLOOR},     {"trunc", Op.FTRUNC},     {"nearest", Op.FNEAREST},
        {"eq", Op.FEQ},           {"ne", Op.FNE},           {"lt", Op.FLT},           {"gt", Op.FGT},
        {"le", Op.FLE},           {"ge", Op.FGE},
        {"convert_i32_s", Op.CONVERT_S}, {"convert_i32_u", Op.CONVERT_U},
        {"convert_i64_s", Op.CONVERT_S}, {"convert_i64_u", Op.CONVERT_U},
        {"demote_f64", Op.DEMOTE},       {"promote_f32", Op.PROMOTE},
        {"reinterpret_i32", Op.REINTERPRET}, {"reinterpret_i64", Op.REINTERPRET},
    };
    // @formatter:on

    private static final @Nullable Translation[] TABLE = table();

    /** The row of the instruction, or null when it is irregular or not scalar. */
    static @Nullable Translation of(Opcode opcode) {
        return TABLE[opcode.ordinal()];
    }

    private static @Nullable Translation[] table() {
        @Nullable Translation[] table = new Translation[Opcode.values().length];
        addRows(table, ROWS, "i32.", "i64.");
        addRows(table, FLOAT_ROWS, "f32.", "f64.");
        for (Opcode opcode : Opcode.values()) {
            if (opcode.effect() instanceof Effect.Access access && !opcode.isAtomic() && isScalar(access)) {
                table[opcode.ordinal()] = access(access);
            }
        }
        return table;
    }

    private static void addRows(@Nullable Translation[] table, Object[][] rows, String... prefixes) {
        for (Object[] row : rows) {
            for (String prefix : prefixes) {
                Opcode opcode = Opcode.named(prefix + row[0]);
                if (opcode != null) {
                    table[opcode.ordinal()] = numeric(opcode, (Op) row[1]);
                }
            }
        }
    }

    private static Translation numeric(Opcode opcode, Op op) {
        Fixed effect = (Fixed) opcode.effect();
        boolean isUnary = effect.pops().length == 1;
        Kind kind = !isUnary ? Kind.BINARY : op == Op.EQ ? Kind.TEST : Kind.UNARY;
        return new Translation(kind, op, type(effect.pushes()[0]), Access.U8);
    }

    private static boolean isScalar(Effect.Access access) {
        return (access.operands().length == 0 ? access.pushes() : access.operands())[0] instanceof NumType;
    }

    private static Translation access(Effect.Access effect) {
        boolean isLoad = effect.operands().length == 0;
        Type type = type(isLoad ? effect.pushes()[0] : effect.operands()[0]);
        boolean signed = effect.signed();
        Access access = switch (effect.bytes()) {
            case 1 -> signed ? Access.S8 : Access.U8;
            case 2 -> signed ? Access.S16 : Access.U16;
            case 4 -> signed ? Access.S32 : Access.U32;
            default -> Access.full(type);
        };
        return new Translation(isLoad ? Kind.LOAD : Kind.STORE, isLoad ? Op.LOAD : Op.STORE, type, access);
    }

    /** The type of the graph for a value type. */
    static Type type(ValType type) {
        if (type instanceof NumType number) { // a switch over the sealed type would be the first one of a fresh JVM: 20 ms
            return switch (number) {
                case I32 -> Type.I32;
                case I64 -> Type.I64;
                case F32 -> Type.F32;
                case F64 -> Type.F64;
            };
        }
        if (type instanceof RefType ref) {
            return ModuleFacts.isTracked(ref) ? Type.REF : Type.I64;
        }
        return Type.V128;
    }

    /** For rows that must be there. */
    static Translation required(Opcode opcode) {
        return Objects.requireNonNull(of(opcode), opcode.text());
    }
}
