package org.sallyport.wasm;

import static org.sallyport.wasm.Effect.*;
import static org.sallyport.wasm.Feature.*;
import static org.sallyport.wasm.Immediates.*;
import static org.sallyport.wasm.LaneShape.*;
import static org.sallyport.wasm.NumType.F32;
import static org.sallyport.wasm.NumType.F64;
import static org.sallyport.wasm.NumType.I32;
import static org.sallyport.wasm.NumType.I64;
import static org.sallyport.wasm.VecType.V128;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One row per instruction (WebAssembly 3.0, 5.4, with the threads and wide arithmetic proposals and the older exception
 * handling). Reader, validator, printer, text parser and IR builder all ask this table. Codes of prefixed instructions
 * are {@code prefix << 16 | number}.
 */
public enum Opcode {
    // @formatter:off
    // Control (5.4.1)
    UNREACHABLE         (0x00, "unreachable",          NONE,       special()),
    NOP                 (0x01, "nop",                  NONE,       nothing()),
    BLOCK               (0x02, "block",                BLOCK_TYPE, special()),
    LOOP                (0x03, "loop",                 BLOCK_TYPE, special()),
    IF                  (0x04, "if",                   BLOCK_TYPE, special()),
    ELSE                (0x05, "else",                 NONE,       special()),
    TRY                 (0x06, "try",                  BLOCK_TYPE, special(), LEGACY_EXCEPTIONS),
    CATCH               (0x07, "catch",                TAG,        special(), LEGACY_EXCEPTIONS),
    THROW               (0x08, "throw",                TAG,        special(), EXCEPTIONS),
    RETHROW             (0x09, "rethrow",              LABEL,      special(), LEGACY_EXCEPTIONS),
    THROW_REF           (0x0A, "throw_ref",            NONE,       special(), EXCEPTIONS),
    END                 (0x0B, "end",                  NONE,       special()),
    BR                  (0x0C, "br",                   LABEL,      special()),
    BR_IF               (0x0D, "br_if",                LABEL,      special()),
    BR_TABLE            (0x0E, "br_table",             LABELS,     special()),
    RETURN              (0x0F, "return",               NONE,       special()),
    CALL                (0x10, "call",                 FUNC,       special()),
    CALL_INDIRECT       (0x11, "call_indirect",        TYPE_TABLE, special()),
    RETURN_CALL         (0x12, "return_call",          FUNC,       special(), TAIL_CALLS),
    RETURN_CALL_INDIRECT(0x13, "return_call_indirect", TYPE_TABLE, special(), TAIL_CALLS),
    CALL_REF            (0x14, "call_ref",             TYPE,       special(), FUNCTION_REFERENCES),
    RETURN_CALL_REF     (0x15, "return_call_ref",      TYPE,       special(), FUNCTION_REFERENCES),
    DELEGATE            (0x18, "delegate",             LABEL,      special(), LEGACY_EXCEPTIONS),
    CATCH_ALL           (0x19, "catch_all",            NONE,       special(), LEGACY_EXCEPTIONS),
    TRY_TABLE           (0x1F, "try_table",            CATCHES,    special(), EXCEPTIONS),

    // Parametric (5.4.2)
    DROP        (0x1A, "drop",   NONE,         special()),
    SELECT      (0x1B, "select", NONE,         special()),
    SELECT_TYPED(0x1C, "select", SELECT_TYPES, special(), REFERENCE_TYPES),

    // Variables (5.4.3)
    LOCAL_GET (0x20, "local.get",  LOCAL,  special()),
    LOCAL_SET (0x21, "local.set",  LOCAL,  special()),
    LOCAL_TEE (0x22, "local.tee",  LOCAL,  special()),
    GLOBAL_GET(0x23, "global.get", GLOBAL, special()),
    GLOBAL_SET(0x24, "global.set", GLOBAL, special()),

    // Tables (5.4.4)
    TABLE_GET(0x25, "table.get", TABLE, special(), REFERENCE_TYPES),
    TABLE_SET(0x26, "table.set", TABLE, special(), REFERENCE_TYPES),

    // Memory (5.4.5)
    I32_LOAD    (0x28, "i32.load",     MEMARG, load(I32, 4)),
    I64_LOAD    (0x29, "i64.load",     MEMARG, load(I64, 8)),
    F32_LOAD    (0x2A, "f32.load",     MEMARG, load(F32, 4)),
    F64_LOAD    (0x2B, "f64.load",     MEMARG, load(F64, 8)),
    I32_LOAD8_S (0x2C, "i32.load8_s",  MEMARG, loadSigned(I32, 1)),
    I32_LOAD8_U (0x2D, "i32.load8_u",  MEMARG, load(I32, 1)),
    I32_LOAD16_S(0x2E, "i32.load16_s", MEMARG, loadSigned(I32, 2)),
    I32_LOAD16_U(0x2F, "i32.load16_u", MEMARG, load(I32, 2)),
    I64_LOAD8_S (0x30, "i64.load8_s",  MEMARG, loadSigned(I64, 1)),
    I64_LOAD8_U (0x31, "i64.load8_u",  MEMARG, load(I64, 1)),
    I64_LOAD16_S(0x32, "i64.load16_s", MEMARG, loadSigned(I64, 2)),
    I64_LOAD16_U(0x33, "i64.load16_u", MEMARG, load(I64, 2)),
    I64_LOAD32_S(0x34, "i64.load32_s", MEMARG, loadSigned(I64, 4)),
    I64_LOAD32_U(0x35, "i64.load32_u", MEMARG, load(I64, 4)),
    I32_STORE   (0x36, "i32.store",    MEMARG, store(I32, 4)),
    I64_STORE   (0x37, "i64.store",    MEMARG, store(I64, 8)),
    F32_STORE   (0x38, "f32.store",    MEMARG, store(F32, 4)),
    F64_STORE   (0x39, "f64.store",    MEMARG, store(F64, 8)),
    I32_STORE8  (0x3A, "i32.store8",   MEMARG, store(I32, 1)),
    I32_STORE16 (0x3B, "i32.store16",  MEMARG, store(I32, 2)),
    I64_STORE8  (0x3C, "i64.store8",   MEMARG, store(I64, 1)),
    I64_STORE16 (0x3D, "i64.store16",  MEMARG, store(I64, 2)),
    I64_STORE32 (0x3E, "i64.store32",  MEMARG, store(I64, 4)),
    MEMORY_SIZE (0x3F, "memory.size",  MEMORY, special()),
    MEMORY_GROW (0x40, "memory.grow",  MEMORY, special()),

    // Numbers (5.4.7)
    I32_CONST          (0x41,     "i32.const",           CONST_I32, constant(I32)),
    I64_CONST          (0x42,     "i64.const",           CONST_I64, constant(I64)),
    F32_CONST          (0x43,     "f32.const",           CONST_F32, constant(F32)),
    F64_CONST          (0x44,     "f64.const",           CONST_F64, constant(F64)),
    I32_EQZ            (0x45,     "i32.eqz",             NONE,      test(I32)),
    I32_EQ             (0x46,     "i32.eq",              NONE,      compare(I32)),
    I32_NE             (0x47,     "i32.ne",              NONE,      compare(I32)),
    I32_LT_S           (0x48,     "i32.lt_s",            NONE,      compare(I32)),
    I32_LT_U           (0x49,     "i32.lt_u",            NONE,      compare(I32)),
    I32_GT_S           (0x4A,     "i32.gt_s",            NONE,      compare(I32)),
    I32_GT_U           (0x4B,     "i32.gt_u",            NONE,      compare(I32)),
    I32_LE_S           (0x4C,     "i32.le_s",            NONE,      compare(I32)),
    I32_LE_U           (0x4D,     "i32.le_u",            NONE,      compare(I32)),
    I32_GE_S           (0x4E,     "i32.ge_s",            NONE,      compare(I32)),
    I32_GE_U           (0x4F,     "i32.ge_u",            NONE,      compare(I32)),
    I64_EQZ            (0x50,     "i64.eqz",             NONE,      test(I64)),
    I64_EQ             (0x51,     "i64.eq",              NONE,      compare(I64)),
    I64_NE             (0x52,     "i64.ne",              NONE,      compare(I64)),
    I64_LT_S           (0x53,     "i64.lt_s",            NONE,      compare(I64)),
    I64_LT_U           (0x54,     "i64.lt_u",            NONE,      compare(I64)),
    I64_GT_S           (0x55,     "i64.gt_s",            NONE,      compare(I64)),
    I64_GT_U           (0x56,     "i64.gt_u",            NONE,      compare(I64)),
    I64_LE_S           (0x57,     "i64.le_s",            NONE,      compare(I64)),
    I64_LE_U           (0x58,     "i64.le_u",            NONE,      compare(I64)),
    I64_GE_S           (0x59,     "i64.ge_s",            NONE,      compare(I64)),
    I64_GE_U           (0x5A,     "i64.ge_u",            NONE,      compare(I64)),
    F32_EQ             (0x5B,     "f32.eq",              NONE,      compare(F32)),
    F32_NE             (0x5C,     "f32.ne",              NONE,      compare(F32)),
    F32_LT             (0x5D,     "f32.lt",              NONE,      compare(F32)),
    F32_GT             (0x5E,     "f32.gt",              NONE,      compare(F32)),
    F32_LE             (0x5F,     "f32.le",              NONE,      compare(F32)),
    F32_GE             (0x60,     "f32.ge",              NONE,      compare(F32)),
    F64_EQ             (0x61,     "f64.eq",              NONE,      compare(F64)),
    F64_NE             (0x62,     "f64.ne",              NONE,      compare(F64)),
    F64_LT             (0x63,     "f64.lt",              NONE,      compare(F64)),
    F64_GT             (0x64,     "f64.gt",              NONE,      compare(F64)),
    F64_LE             (0x65,     "f64.le",              NONE,      compare(F64)),
    F64_GE             (0x66,     "f64.ge",              NONE,      compare(F64)),
    I32_CLZ            (0x67,     "i32.clz",             NONE,      unary(I32)),
    I32_CTZ            (0x68,     "i32.ctz",             NONE,      unary(I32)),
    I32_POPCNT         (0x69,     "i32.popcnt",          NONE,      unary(I32)),
    I32_ADD            (0x6A,     "i32.add",             NONE,      binary(I32)),
    I32_SUB            (0x6B,     "i32.sub",             NONE,      binary(I32)),
    I32_MUL            (0x6C,     "i32.mul",             NONE,      binary(I32)),
    I32_DIV_S          (0x6D,     "i32.div_s",           NONE,      binary(I32)),
    I32_DIV_U          (0x6E,     "i32.div_u",           NONE,      binary(I32)),
    I32_REM_S          (0x6F,     "i32.rem_s",           NONE,      binary(I32)),
    I32_REM_U          (0x70,     "i32.rem_u",           NONE,      binary(I32)),
    I32_AND            (0x71,     "i32.and",             NONE,      binary(I32)),
    I32_OR             (0x72,     "i32.or",              NONE,      binary(I32)),
    I32_XOR            (0x73,     "i32.xor",             NONE,      binary(I32)),
    I32_SHL            (0x74,     "i32.shl",             NONE,      binary(I32)),
    I32_SHR_S          (0x75,     "i32.shr_s",           NONE,      binary(I32)),
    I32_SHR_U          (0x76,     "i32.shr_u",           NONE,      binary(I32)),
    I32_ROTL           (0x77,     "i32.rotl",            NONE,      binary(I32)),
    I32_ROTR           (0x78,     "i32.rotr",            NONE,      binary(I32)),
    I64_CLZ            (0x79,     "i64.clz",             NONE,      unary(I64)),
    I64_CTZ            (0x7A,     "i64.ctz",             NONE,      unary(I64)),
    I64_POPCNT         (0x7B,     "i64.popcnt",          NONE,      unary(I64)),
    I64_ADD            (0x7C,     "i64.add",             NONE,      binary(I64)),
    I64_SUB            (0x7D,     "i64.sub",             NONE,      binary(I64)),
    I64_MUL            (0x7E,     "i64.mul",             NONE,      binary(I64)),
    I64_DIV_S          (0x7F,     "i64.div_s",           NONE,      binary(I64)),
    I64_DIV_U          (0x80,     "i64.div_u",           NONE,      binary(I64)),
    I64_REM_S          (0x81,     "i64.rem_s",           NONE,      binary(I64)),
    I64_REM_U          (0x82,     "i64.rem_u",           NONE,      binary(I64)),
    I64_AND            (0x83,     "i64.and",             NONE,      binary(I64)),
    I64_OR             (0x84,     "i64.or",              NONE,      binary(I64)),
    I64_XOR            (0x85,     "i64.xor",             NONE,      binary(I64)),
    I64_SHL            (0x86,     "i64.shl",             NONE,      binary(I64)),
    I64_SHR_S          (0x87,     "i64.shr_s",           NONE,      binary(I64)),
    I64_SHR_U          (0x88,     "i64.shr_u",           NONE,      binary(I64)),
    I64_ROTL           (0x89,     "i64.rotl",            NONE,      binary(I64)),
    I64_ROTR           (0x8A,     "i64.rotr",            NONE,      binary(I64)),
    F32_ABS            (0x8B,     "f32.abs",             NONE,      unary(F32)),
    F32_NEG            (0x8C,     "f32.neg",             NONE,      unary(F32)),
    F32_CEIL           (0x8D,     "f32.ceil",            NONE,      unary(F32)),
    F32_FLOOR          (0x8E,     "f32.floor",           NONE,      unary(F32)),
    F32_TRUNC          (0x8F,     "f32.trunc",           NONE,      unary(F32)),
    F32_NEAREST        (0x90,     "f32.nearest",         NONE,      unary(F32)),
    F32_SQRT           (0x91,     "f32.sqrt",            NONE,      unary(F32)),
    F32_ADD            (0x92,     "f32.add",             NONE,      binary(F32)),
    F32_SUB            (0x93,     "f32.sub",             NONE,      binary(F32)),
    F32_MUL            (0x94,     "f32.mul",             NONE,      binary(F32)),
    F32_DIV            (0x95,     "f32.div",             NONE,      binary(F32)),
    F32_MIN            (0x96,     "f32.min",             NONE,      binary(F32)),
    F32_MAX            (0x97,     "f32.max",             NONE,      binary(F32)),
    F32_COPYSIGN       (0x98,     "f32.copysign",        NONE,      binary(F32)),
    F64_ABS            (0x99,     "f64.abs",             NONE,      unary(F64)),
    F64_NEG            (0x9A,     "f64.neg",             NONE,      unary(F64)),
    F64_CEIL           (0x9B,     "f64.ceil",            NONE,      unary(F64)),
    F64_FLOOR          (0x9C,     "f64.floor",           NONE,      unary(F64)),
    F64_TRUNC          (0x9D,     "f64.trunc",           NONE,      unary(F64)),
    F64_NEAREST        (0x9E,     "f64.nearest",         NONE,      unary(F64)),
    F64_SQRT           (0x9F,     "f64.sqrt",            NONE,      unary(F64)),
    F64_ADD            (0xA0,     "f64.add",             NONE,      binary(F64)),
    F64_SUB            (0xA1,     "f64.sub",             NONE,      binary(F64)),
    F64_MUL            (0xA2,     "f64.mul",             NONE,      binary(F64)),
    F64_DIV            (0xA3,     "f64.div",             NONE,      binary(F64)),
    F64_MIN            (0xA4,     "f64.min",             NONE,      binary(F64)),
    F64_MAX            (0xA5,     "f64.max",             NONE,      binary(F64)),
    F64_COPYSIGN       (0xA6,     "f64.copysign",        NONE,      binary(F64)),
    I32_WRAP_I64       (0xA7,     "i32.wrap_i64",        NONE,      convert(I64, I32)),
    I32_TRUNC_F32_S    (0xA8,     "i32.trunc_f32_s",     NONE,      convert(F32, I32)),
    I32_TRUNC_F32_U    (0xA9,     "i32.trunc_f32_u",     NONE,      convert(F32, I32)),
    I32_TRUNC_F64_S    (0xAA,     "i32.trunc_f64_s",     NONE,      convert(F64, I32)),
    I32_TRUNC_F64_U    (0xAB,     "i32.trunc_f64_u",     NONE,      convert(F64, I32)),
    I64_EXTEND_I32_S   (0xAC,     "i64.extend_i32_s",    NONE,      convert(I32, I64)),
    I64_EXTEND_I32_U   (0xAD,     "i64.extend_i32_u",    NONE,      convert(I32, I64)),
    I64_TRUNC_F32_S    (0xAE,     "i64.trunc_f32_s",     NONE,      convert(F32, I64)),
    I64_TRUNC_F32_U    (0xAF,     "i64.trunc_f32_u",     NONE,      convert(F32, I64)),
    I64_TRUNC_F64_S    (0xB0,     "i64.trunc_f64_s",     NONE,      convert(F64, I64)),
    I64_TRUNC_F64_U    (0xB1,     "i64.trunc_f64_u",     NONE,      convert(F64, I64)),
    F32_CONVERT_I32_S  (0xB2,     "f32.convert_i32_s",   NONE,      convert(I32, F32)),
    F32_CONVERT_I32_U  (0xB3,     "f32.convert_i32_u",   NONE,      convert(I32, F32)),
    F32_CONVERT_I64_S  (0xB4,     "f32.convert_i64_s",   NONE,      convert(I64, F32)),
    F32_CONVERT_I64_U  (0xB5,     "f32.convert_i64_u",   NONE,      convert(I64, F32)),
    F32_DEMOTE_F64     (0xB6,     "f32.demote_f64",      NONE,      convert(F64, F32)),
    F64_CONVERT_I32_S  (0xB7,     "f64.convert_i32_s",   NONE,      convert(I32, F64)),
    F64_CONVERT_I32_U  (0xB8,     "f64.convert_i32_u",   NONE,      convert(I32, F64)),
    F64_CONVERT_I64_S  (0xB9,     "f64.convert_i64_s",   NONE,      convert(I64, F64)),
    F64_CONVERT_I64_U  (0xBA,     "f64.convert_i64_u",   NONE,      convert(I64, F64)),
    F64_PROMOTE_F32    (0xBB,     "f64.promote_f32",     NONE,      convert(F32, F64)),
    I32_REINTERPRET_F32(0xBC,     "i32.reinterpret_f32", NONE,      convert(F32, I32)),
    I64_REINTERPRET_F64(0xBD,     "i64.reinterpret_f64", NONE,      convert(F64, I64)),
    F32_REINTERPRET_I32(0xBE,     "f32.reinterpret_i32", NONE,      convert(I32, F32)),
    F64_REINTERPRET_I64(0xBF,     "f64.reinterpret_i64", NONE,      convert(I64, F64)),
    I32_EXTEND8_S      (0xC0,     "i32.extend8_s",       NONE,      unary(I32), SIGN_EXTENSION),
    I32_EXTEND16_S     (0xC1,     "i32.extend16_s",      NONE,      unary(I32), SIGN_EXTENSION),
    I64_EXTEND8_S      (0xC2,     "i64.extend8_s",       NONE,      unary(I64), SIGN_EXTENSION),
    I64_EXTEND16_S     (0xC3,     "i64.extend16_s",      NONE,      unary(I64), SIGN_EXTENSION),
    I64_EXTEND32_S     (0xC4,     "i64.extend32_s",      NONE,      unary(I64), SIGN_EXTENSION),
    I32_TRUNC_SAT_F32_S(0xFC0000, "i32.trunc_sat_f32_s", NONE,      convert(F32, I32), SATURATING_CONVERSION),
    I32_TRUNC_SAT_F32_U(0xFC0001, "i32.trunc_sat_f32_u", NONE,      convert(F32, I32), SATURATING_CONVERSION),
    I32_TRUNC_SAT_F64_S(0xFC0002, "i32.trunc_sat_f64_s", NONE,      convert(F64, I32), SATURATING_CONVERSION),
    I32_TRUNC_SAT_F64_U(0xFC0003, "i32.trunc_sat_f64_u", NONE,      convert(F64, I32), SATURATING_CONVERSION),
    I64_TRUNC_SAT_F32_S(0xFC0004, "i64.trunc_sat_f32_s", NONE,      convert(F32, I64), SATURATING_CONVERSION),
    I64_TRUNC_SAT_F32_U(0xFC0005, "i64.trunc_sat_f32_u", NONE,      convert(F32, I64), SATURATING_CONVERSION),
    I64_TRUNC_SAT_F64_S(0xFC0006, "i64.trunc_sat_f64_s", NONE,      convert(F64, I64), SATURATING_CONVERSION),
    I64_TRUNC_SAT_F64_U(0xFC0007, "i64.trunc_sat_f64_u", NONE,      convert(F64, I64), SATURATING_CONVERSION),

    // Bulk memory and tables (5.4.4, 5.4.5)
    MEMORY_INIT(0xFC0008, "memory.init", DATA_MEMORY,   special(), BULK_MEMORY),
    DATA_DROP  (0xFC0009, "data.drop",   DATA,          nothing(), BULK_MEMORY),
    MEMORY_COPY(0xFC000A, "memory.copy", MEMORY_MEMORY, special(), BULK_MEMORY),
    MEMORY_FILL(0xFC000B, "memory.fill", MEMORY,        special(), BULK_MEMORY),
    TABLE_INIT (0xFC000C, "table.init",  ELEM_TABLE,    special(), BULK_MEMORY),
    ELEM_DROP  (0xFC000D, "elem.drop",   ELEM,          nothing(), BULK_MEMORY),
    TABLE_COPY (0xFC000E, "table.copy",  TABLE_TABLE,   special(), BULK_MEMORY),
    TABLE_GROW (0xFC000F, "table.grow",  TABLE,         special(), REFERENCE_TYPES),
    TABLE_SIZE (0xFC0010, "table.size",  TABLE,         special(), REFERENCE_TYPES),
    TABLE_FILL (0xFC0011, "table.fill",  TABLE,         special(), REFERENCE_TYPES),

    // Wide arithmetic (proposal)
    I64_ADD128    (0xFC0013, "i64.add128",     NONE, wide(4), WIDE_ARITHMETIC),
    I64_SUB128    (0xFC0014, "i64.sub128",     NONE, wide(4), WIDE_ARITHMETIC),
    I64_MUL_WIDE_S(0xFC0015, "i64.mul_wide_s", NONE, wide(2), WIDE_ARITHMETIC),
    I64_MUL_WIDE_U(0xFC0016, "i64.mul_wide_u", NONE, wide(2), WIDE_ARITHMETIC),

    // References (5.4.6)
    REF_NULL          (0xD0,     "ref.null",           HEAP_TYPE,  special(), REFERENCE_TYPES),
    REF_IS_NULL       (0xD1,     "ref.is_null",        NONE,       special(), REFERENCE_TYPES),
    REF_FUNC          (0xD2,     "ref.func",           FUNC,       special(), REFERENCE_TYPES),
    REF_EQ            (0xD3,     "ref.eq",             NONE,       compare(EQREF), GC),
    REF_AS_NON_NULL   (0xD4,     "ref.as_non_null",    NONE,       special(), FUNCTION_REFERENCES),
    BR_ON_NULL        (0xD5,     "br_on_null",         LABEL,      special(), FUNCTION_REFERENCES),
    BR_ON_NON_NULL    (0xD6,     "br_on_non_null",     LABEL,      special(), FUNCTION_REFERENCES),
    STRUCT_NEW        (0xFB0000, "struct.new",         TYPE,       special(), GC),
    STRUCT_NEW_DEFAULT(0xFB0001, "struct.new_default", TYPE,       special(), GC),
    STRUCT_GET        (0xFB0002, "struct.get",         TYPE_FIELD, special(), GC),
    STRUCT_GET_S      (0xFB0003, "struct.get_s",       TYPE_FIELD, special(), GC),
    STRUCT_GET_U      (0xFB0004, "struct.get_u",       TYPE_FIELD, special(), GC),
    STRUCT_SET        (0xFB0005, "struct.set",         TYPE_FIELD, special(), GC),
    ARRAY_NEW         (0xFB0006, "array.new",          TYPE,       special(), GC),
    ARRAY_NEW_DEFAULT (0xFB0007, "array.new_default",  TYPE,       special(), GC),
    ARRAY_NEW_FIXED   (0xFB0008, "array.new_fixed",    TYPE_COUNT, special(), GC),
    ARRAY_NEW_DATA    (0xFB0009, "array.new_data",     TYPE_DATA,  special(), GC),
    ARRAY_NEW_ELEM    (0xFB000A, "array.new_elem",     TYPE_ELEM,  special(), GC),
    ARRAY_GET         (0xFB000B, "array.get",          TYPE,       special(), GC),
    ARRAY_GET_S       (0xFB000C, "array.get_s",        TYPE,       special(), GC),
    ARRAY_GET_U       (0xFB000D, "array.get_u",        TYPE,       special(), GC),
    ARRAY_SET         (0xFB000E, "array.set",          TYPE,       special(), GC),
    ARRAY_LEN         (0xFB000F, "array.len",          NONE,       convert(ARRAYREF, I32), GC),
    ARRAY_FILL        (0xFB0010, "array.fill",         TYPE,       special(), GC),
    ARRAY_COPY        (0xFB0011, "array.copy",         TYPE_TYPE,  special(), GC),
    ARRAY_INIT_DATA   (0xFB0012, "array.init_data",    TYPE_DATA,  special(), GC),
    ARRAY_INIT_ELEM   (0xFB0013, "array.init_elem",    TYPE_ELEM,  special(), GC),
    REF_TEST          (0xFB0014, "ref.test",           HEAP_TYPE,  special(), GC),
    REF_TEST_NULL     (0xFB0015, "ref.test",           HEAP_TYPE,  special(), GC),
    REF_CAST          (0xFB0016, "ref.cast",           HEAP_TYPE,  special(), GC),
    REF_CAST_NULL     (0xFB0017, "ref.cast",           HEAP_TYPE,  special(), GC),
    BR_ON_CAST        (0xFB0018, "br_on_cast",         BR_CAST,    special(), GC),
    BR_ON_CAST_FAIL   (0xFB0019, "br_on_cast_fail",    BR_CAST,    special(), GC),
    ANY_CONVERT_EXTERN(0xFB001A, "any.convert_extern", NONE,       special(), GC),
    EXTERN_CONVERT_ANY(0xFB001B, "extern.convert_any", NONE,       special(), GC),
    REF_I31           (0xFB001C, "ref.i31",            NONE,       convert(I32, SOME_I31), GC),
    I31_GET_S         (0xFB001D, "i31.get_s",          NONE,       convert(I31REF, I32), GC),
    I31_GET_U         (0xFB001E, "i31.get_u",          NONE,       convert(I31REF, I32), GC),

    // Vectors (5.4.8)
    V128_LOAD                    (0xFD0000, "v128.load",                     MEMARG,      load(V128, 16), SIMD),
    V128_LOAD8X8_S               (0xFD0001, "v128.load8x8_s",                MEMARG,      loadSigned(V128, 8), SIMD),
    V128_LOAD8X8_U               (0xFD0002, "v128.load8x8_u",                MEMARG,      load(V128, 8), SIMD),
    V128_LOAD16X4_S              (0xFD0003, "v128.load16x4_s",               MEMARG,      loadSigned(V128, 8), SIMD),
    V128_LOAD16X4_U              (0xFD0004, "v128.load16x4_u",               MEMARG,      load(V128, 8), SIMD),
    V128_LOAD32X2_S              (0xFD0005, "v128.load32x2_s",               MEMARG,      loadSigned(V128, 8), SIMD),
    V128_LOAD32X2_U              (0xFD0006, "v128.load32x2_u",               MEMARG,      load(V128, 8), SIMD),
    V128_LOAD8_SPLAT             (0xFD0007, "v128.load8_splat",              MEMARG,      load(V128, 1), SIMD),
    V128_LOAD16_SPLAT            (0xFD0008, "v128.load16_splat",             MEMARG,      load(V128, 2), SIMD),
    V128_LOAD32_SPLAT            (0xFD0009, "v128.load32_splat",             MEMARG,      load(V128, 4), SIMD),
    V128_LOAD64_SPLAT            (0xFD000A, "v128.load64_splat",             MEMARG,      load(V128, 8), SIMD),
    V128_STORE                   (0xFD000B, "v128.store",                    MEMARG,      store(V128, 16), SIMD),
    V128_CONST                   (0xFD000C, "v128.const",                    CONST_V128,  constant(V128), SIMD),
    I8X16_SHUFFLE                (0xFD000D, "i8x16.shuffle",                 SHUFFLE,     binary(V128), SIMD, I8X16),
    I8X16_SWIZZLE                (0xFD000E, "i8x16.swizzle",                 NONE,        binary(V128), SIMD, I8X16),
    I8X16_SPLAT                  (0xFD000F, "i8x16.splat",                   NONE,        convert(I32, V128), SIMD, I8X16),
    I16X8_SPLAT                  (0xFD0010, "i16x8.splat",                   NONE,        convert(I32, V128), SIMD, I16X8),
    I32X4_SPLAT                  (0xFD0011, "i32x4.splat",                   NONE,        convert(I32, V128), SIMD, I32X4),
    I64X2_SPLAT                  (0xFD0012, "i64x2.splat",                   NONE,        convert(I64, V128), SIMD, I64X2),
    F32X4_SPLAT                  (0xFD0013, "f32x4.splat",                   NONE,        convert(F32, V128), SIMD, F32X4),
    F64X2_SPLAT                  (0xFD0014, "f64x2.splat",                   NONE,        convert(F64, V128), SIMD, F64X2),
    I8X16_EXTRACT_LANE_S         (0xFD0015, "i8x16.extract_lane_s",          LANE,        convert(V128, I32), SIMD, I8X16),
    I8X16_EXTRACT_LANE_U         (0xFD0016, "i8x16.extract_lane_u",          LANE,        convert(V128, I32), SIMD, I8X16),
    I8X16_REPLACE_LANE           (0xFD0017, "i8x16.replace_lane",            LANE,        binary(V128, I32), SIMD, I8X16),
    I16X8_EXTRACT_LANE_S         (0xFD0018, "i16x8.extract_lane_s",          LANE,        convert(V128, I32), SIMD, I16X8),
    I16X8_EXTRACT_LANE_U         (0xFD0019, "i16x8.extract_lane_u",          LANE,        convert(V128, I32), SIMD, I16X8),
    I16X8_REPLACE_LANE           (0xFD001A, "i16x8.replace_lane",            LANE,        binary(V128, I32), SIMD, I16X8),
    I32X4_EXTRACT_LANE           (0xFD001B, "i32x4.extract_lane",            LANE,        convert(V128, I32), SIMD, I32X4),
    I32X4_REPLACE_LANE           (0xFD001C, "i32x4.replace_lane",            LANE,        binary(V128, I32), SIMD, I32X4),
    I64X2_EXTRACT_LANE           (0xFD001D, "i64x2.extract_lane",            LANE,        convert(V128, I64), SIMD, I64X2),
    I64X2_REPLACE_LANE           (0xFD001E, "i64x2.replace_lane",            LANE,        binary(V128, I64), SIMD, I64X2),
    F32X4_EXTRACT_LANE           (0xFD001F, "f32x4.extract_lane",            LANE,        convert(V128, F32), SIMD, F32X4),
    F32X4_REPLACE_LANE           (0xFD0020, "f32x4.replace_lane",            LANE,        binary(V128, F32), SIMD, F32X4),
    F64X2_EXTRACT_LANE           (0xFD0021, "f64x2.extract_lane",            LANE,        convert(V128, F64), SIMD, F64X2),
    F64X2_REPLACE_LANE           (0xFD0022, "f64x2.replace_lane",            LANE,        binary(V128, F64), SIMD, F64X2),
    I8X16_EQ                     (0xFD0023, "i8x16.eq",                      NONE,        binary(V128), SIMD, I8X16),
    I8X16_NE                     (0xFD0024, "i8x16.ne",                      NONE,        binary(V128), SIMD, I8X16),
    I8X16_LT_S                   (0xFD0025, "i8x16.lt_s",                    NONE,        binary(V128), SIMD, I8X16),
    I8X16_LT_U                   (0xFD0026, "i8x16.lt_u",                    NONE,        binary(V128), SIMD, I8X16),
    I8X16_GT_S                   (0xFD0027, "i8x16.gt_s",                    NONE,        binary(V128), SIMD, I8X16),
    I8X16_GT_U                   (0xFD0028, "i8x16.gt_u",                    NONE,        binary(V128), SIMD, I8X16),
    I8X16_LE_S                   (0xFD0029, "i8x16.le_s",                    NONE,        binary(V128), SIMD, I8X16),
    I8X16_LE_U                   (0xFD002A, "i8x16.le_u",                    NONE,        binary(V128), SIMD, I8X16),
    I8X16_GE_S                   (0xFD002B, "i8x16.ge_s",                    NONE,        binary(V128), SIMD, I8X16),
    I8X16_GE_U                   (0xFD002C, "i8x16.ge_u",                    NONE,        binary(V128), SIMD, I8X16),
    I16X8_EQ                     (0xFD002D, "i16x8.eq",                      NONE,        binary(V128), SIMD, I16X8),
    I16X8_NE                     (0xFD002E, "i16x8.ne",                      NONE,        binary(V128), SIMD, I16X8),
    I16X8_LT_S                   (0xFD002F, "i16x8.lt_s",                    NONE,        binary(V128), SIMD, I16X8),
    I16X8_LT_U                   (0xFD0030, "i16x8.lt_u",                    NONE,        binary(V128), SIMD, I16X8),
    I16X8_GT_S                   (0xFD0031, "i16x8.gt_s",                    NONE,        binary(V128), SIMD, I16X8),
    I16X8_GT_U                   (0xFD0032, "i16x8.gt_u",                    NONE,        binary(V128), SIMD, I16X8),
    I16X8_LE_S                   (0xFD0033, "i16x8.le_s",                    NONE,        binary(V128), SIMD, I16X8),
    I16X8_LE_U                   (0xFD0034, "i16x8.le_u",                    NONE,        binary(V128), SIMD, I16X8),
    I16X8_GE_S                   (0xFD0035, "i16x8.ge_s",                    NONE,        binary(V128), SIMD, I16X8),
    I16X8_GE_U                   (0xFD0036, "i16x8.ge_u",                    NONE,        binary(V128), SIMD, I16X8),
    I32X4_EQ                     (0xFD0037, "i32x4.eq",                      NONE,        binary(V128), SIMD, I32X4),
    I32X4_NE                     (0xFD0038, "i32x4.ne",                      NONE,        binary(V128), SIMD, I32X4),
    I32X4_LT_S                   (0xFD0039, "i32x4.lt_s",                    NONE,        binary(V128), SIMD, I32X4),
    I32X4_LT_U                   (0xFD003A, "i32x4.lt_u",                    NONE,        binary(V128), SIMD, I32X4),
    I32X4_GT_S                   (0xFD003B, "i32x4.gt_s",                    NONE,        binary(V128), SIMD, I32X4),
    I32X4_GT_U                   (0xFD003C, "i32x4.gt_u",                    NONE,        binary(V128), SIMD, I32X4),
    I32X4_LE_S                   (0xFD003D, "i32x4.le_s",                    NONE,        binary(V128), SIMD, I32X4),
    I32X4_LE_U                   (0xFD003E, "i32x4.le_u",                    NONE,        binary(V128), SIMD, I32X4),
    I32X4_GE_S                   (0xFD003F, "i32x4.ge_s",                    NONE,        binary(V128), SIMD, I32X4),
    I32X4_GE_U                   (0xFD0040, "i32x4.ge_u",                    NONE,        binary(V128), SIMD, I32X4),
    F32X4_EQ                     (0xFD0041, "f32x4.eq",                      NONE,        binary(V128), SIMD, F32X4),
    F32X4_NE                     (0xFD0042, "f32x4.ne",                      NONE,        binary(V128), SIMD, F32X4),
    F32X4_LT                     (0xFD0043, "f32x4.lt",                      NONE,        binary(V128), SIMD, F32X4),
    F32X4_GT                     (0xFD0044, "f32x4.gt",                      NONE,        binary(V128), SIMD, F32X4),
    F32X4_LE                     (0xFD0045, "f32x4.le",                      NONE,        binary(V128), SIMD, F32X4),
    F32X4_GE                     (0xFD0046, "f32x4.ge",                      NONE,        binary(V128), SIMD, F32X4),
    F64X2_EQ                     (0xFD0047, "f64x2.eq",                      NONE,        binary(V128), SIMD, F64X2),
    F64X2_NE                     (0xFD0048, "f64x2.ne",                      NONE,        binary(V128), SIMD, F64X2),
    F64X2_LT                     (0xFD0049, "f64x2.lt",                      NONE,        binary(V128), SIMD, F64X2),
    F64X2_GT                     (0xFD004A, "f64x2.gt",                      NONE,        binary(V128), SIMD, F64X2),
    F64X2_LE                     (0xFD004B, "f64x2.le",                      NONE,        binary(V128), SIMD, F64X2),
    F64X2_GE                     (0xFD004C, "f64x2.ge",                      NONE,        binary(V128), SIMD, F64X2),
    V128_NOT                     (0xFD004D, "v128.not",                      NONE,        unary(V128), SIMD),
    V128_AND                     (0xFD004E, "v128.and",                      NONE,        binary(V128), SIMD),
    V128_ANDNOT                  (0xFD004F, "v128.andnot",                   NONE,        binary(V128), SIMD),
    V128_OR                      (0xFD0050, "v128.or",                       NONE,        binary(V128), SIMD),
    V128_XOR                     (0xFD0051, "v128.xor",                      NONE,        binary(V128), SIMD),
    V128_BITSELECT               (0xFD0052, "v128.bitselect",                NONE,        ternary(V128), SIMD),
    V128_ANY_TRUE                (0xFD0053, "v128.any_true",                 NONE,        convert(V128, I32), SIMD),
    V128_LOAD8_LANE              (0xFD0054, "v128.load8_lane",               MEMARG_LANE, loadLane(1), SIMD),
    V128_LOAD16_LANE             (0xFD0055, "v128.load16_lane",              MEMARG_LANE, loadLane(2), SIMD),
    V128_LOAD32_LANE             (0xFD0056, "v128.load32_lane",              MEMARG_LANE, loadLane(4), SIMD),
    V128_LOAD64_LANE             (0xFD0057, "v128.load64_lane",              MEMARG_LANE, loadLane(8), SIMD),
    V128_STORE8_LANE             (0xFD0058, "v128.store8_lane",              MEMARG_LANE, store(V128, 1), SIMD),
    V128_STORE16_LANE            (0xFD0059, "v128.store16_lane",             MEMARG_LANE, store(V128, 2), SIMD),
    V128_STORE32_LANE            (0xFD005A, "v128.store32_lane",             MEMARG_LANE, store(V128, 4), SIMD),
    V128_STORE64_LANE            (0xFD005B, "v128.store64_lane",             MEMARG_LANE, store(V128, 8), SIMD),
    V128_LOAD32_ZERO             (0xFD005C, "v128.load32_zero",              MEMARG,      load(V128, 4), SIMD),
    V128_LOAD64_ZERO             (0xFD005D, "v128.load64_zero",              MEMARG,      load(V128, 8), SIMD),
    F32X4_DEMOTE_F64X2_ZERO      (0xFD005E, "f32x4.demote_f64x2_zero",       NONE,        unary(V128), SIMD, F32X4),
    F64X2_PROMOTE_LOW_F32X4      (0xFD005F, "f64x2.promote_low_f32x4",       NONE,        unary(V128), SIMD, F64X2),
    I8X16_ABS                    (0xFD0060, "i8x16.abs",                     NONE,        unary(V128), SIMD, I8X16),
    I8X16_NEG                    (0xFD0061, "i8x16.neg",                     NONE,        unary(V128), SIMD, I8X16),
    I8X16_POPCNT                 (0xFD0062, "i8x16.popcnt",                  NONE,        unary(V128), SIMD, I8X16),
    I8X16_ALL_TRUE               (0xFD0063, "i8x16.all_true",                NONE,        convert(V128, I32), SIMD, I8X16),
    I8X16_BITMASK                (0xFD0064, "i8x16.bitmask",                 NONE,        convert(V128, I32), SIMD, I8X16),
    I8X16_NARROW_I16X8_S         (0xFD0065, "i8x16.narrow_i16x8_s",          NONE,        binary(V128), SIMD, I8X16),
    I8X16_NARROW_I16X8_U         (0xFD0066, "i8x16.narrow_i16x8_u",          NONE,        binary(V128), SIMD, I8X16),
    F32X4_CEIL                   (0xFD0067, "f32x4.ceil",                    NONE,        unary(V128), SIMD, F32X4),
    F32X4_FLOOR                  (0xFD0068, "f32x4.floor",                   NONE,        unary(V128), SIMD, F32X4),
    F32X4_TRUNC                  (0xFD0069, "f32x4.trunc",                   NONE,        unary(V128), SIMD, F32X4),
    F32X4_NEAREST                (0xFD006A, "f32x4.nearest",                 NONE,        unary(V128), SIMD, F32X4),
    I8X16_SHL                    (0xFD006B, "i8x16.shl",                     NONE,        binary(V128, I32), SIMD, I8X16),
    I8X16_SHR_S                  (0xFD006C, "i8x16.shr_s",                   NONE,        binary(V128, I32), SIMD, I8X16),
    I8X16_SHR_U                  (0xFD006D, "i8x16.shr_u",                   NONE,        binary(V128, I32), SIMD, I8X16),
    I8X16_ADD                    (0xFD006E, "i8x16.add",                     NONE,        binary(V128), SIMD, I8X16),
    I8X16_ADD_SAT_S              (0xFD006F, "i8x16.add_sat_s",               NONE,        binary(V128), SIMD, I8X16),
    I8X16_ADD_SAT_U              (0xFD0070, "i8x16.add_sat_u",               NONE,        binary(V128), SIMD, I8X16),
    I8X16_SUB                    (0xFD0071, "i8x16.sub",                     NONE,        binary(V128), SIMD, I8X16),
    I8X16_SUB_SAT_S              (0xFD0072, "i8x16.sub_sat_s",               NONE,        binary(V128), SIMD, I8X16),
    I8X16_SUB_SAT_U              (0xFD0073, "i8x16.sub_sat_u",               NONE,        binary(V128), SIMD, I8X16),
    F64X2_CEIL                   (0xFD0074, "f64x2.ceil",                    NONE,        unary(V128), SIMD, F64X2),
    F64X2_FLOOR                  (0xFD0075, "f64x2.floor",                   NONE,        unary(V128), SIMD, F64X2),
    I8X16_MIN_S                  (0xFD0076, "i8x16.min_s",                   NONE,        binary(V128), SIMD, I8X16),
    I8X16_MIN_U                  (0xFD0077, "i8x16.min_u",                   NONE,        binary(V128), SIMD, I8X16),
    I8X16_MAX_S                  (0xFD0078, "i8x16.max_s",                   NONE,        binary(V128), SIMD, I8X16),
    I8X16_MAX_U                  (0xFD0079, "i8x16.max_u",                   NONE,        binary(V128), SIMD, I8X16),
    F64X2_TRUNC                  (0xFD007A, "f64x2.trunc",                   NONE,        unary(V128), SIMD, F64X2),
    I8X16_AVGR_U                 (0xFD007B, "i8x16.avgr_u",                  NONE,        binary(V128), SIMD, I8X16),
    I16X8_EXTADD_PAIRWISE_I8X16_S   (0xFD007C, "i16x8.extadd_pairwise_i8x16_s",    NONE, unary(V128), SIMD, I16X8),
    I16X8_EXTADD_PAIRWISE_I8X16_U   (0xFD007D, "i16x8.extadd_pairwise_i8x16_u",    NONE, unary(V128), SIMD, I16X8),
    I32X4_EXTADD_PAIRWISE_I16X8_S   (0xFD007E, "i32x4.extadd_pairwise_i16x8_s",    NONE, unary(V128), SIMD, I32X4),
    I32X4_EXTADD_PAIRWISE_I16X8_U   (0xFD007F, "i32x4.extadd_pairwise_i16x8_u",    NONE, unary(V128), SIMD, I32X4),
    I16X8_ABS                       (0xFD0080, "i16x8.abs",                        NONE, unary(V128), SIMD, I16X8),
    I16X8_NEG                       (0xFD0081, "i16x8.neg",                        NONE, unary(V128), SIMD, I16X8),
    I16X8_Q15MULR_SAT_S             (0xFD0082, "i16x8.q15mulr_sat_s",              NONE, binary(V128), SIMD, I16X8),
    I16X8_ALL_TRUE                  (0xFD0083, "i16x8.all_true",                   NONE, convert(V128, I32), SIMD, I16X8),
    I16X8_BITMASK                   (0xFD0084, "i16x8.bitmask",                    NONE, convert(V128, I32), SIMD, I16X8),
    I16X8_NARROW_I32X4_S            (0xFD0085, "i16x8.narrow_i32x4_s",             NONE, binary(V128), SIMD, I16X8),
    I16X8_NARROW_I32X4_U            (0xFD0086, "i16x8.narrow_i32x4_u",             NONE, binary(V128), SIMD, I16X8),
    I16X8_EXTEND_LOW_I8X16_S        (0xFD0087, "i16x8.extend_low_i8x16_s",         NONE, unary(V128), SIMD, I16X8),
    I16X8_EXTEND_HIGH_I8X16_S       (0xFD0088, "i16x8.extend_high_i8x16_s",        NONE, unary(V128), SIMD, I16X8),
    I16X8_EXTEND_LOW_I8X16_U        (0xFD0089, "i16x8.extend_low_i8x16_u",         NONE, unary(V128), SIMD, I16X8),
    I16X8_EXTEND_HIGH_I8X16_U       (0xFD008A, "i16x8.extend_high_i8x16_u",        NONE, unary(V128), SIMD, I16X8),
    I16X8_SHL                       (0xFD008B, "i16x8.shl",                        NONE, binary(V128, I32), SIMD, I16X8),
    I16X8_SHR_S                     (0xFD008C, "i16x8.shr_s",                      NONE, binary(V128, I32), SIMD, I16X8),
    I16X8_SHR_U                     (0xFD008D, "i16x8.shr_u",                      NONE, binary(V128, I32), SIMD, I16X8),
    I16X8_ADD                       (0xFD008E, "i16x8.add",                        NONE, binary(V128), SIMD, I16X8),
    I16X8_ADD_SAT_S                 (0xFD008F, "i16x8.add_sat_s",                  NONE, binary(V128), SIMD, I16X8),
    I16X8_ADD_SAT_U                 (0xFD0090, "i16x8.add_sat_u",                  NONE, binary(V128), SIMD, I16X8),
    I16X8_SUB                       (0xFD0091, "i16x8.sub",                        NONE, binary(V128), SIMD, I16X8),
    I16X8_SUB_SAT_S                 (0xFD0092, "i16x8.sub_sat_s",                  NONE, binary(V128), SIMD, I16X8),
    I16X8_SUB_SAT_U                 (0xFD0093, "i16x8.sub_sat_u",                  NONE, binary(V128), SIMD, I16X8),
    F64X2_NEAREST                   (0xFD0094, "f64x2.nearest",                    NONE, unary(V128), SIMD, F64X2),
    I16X8_MUL                       (0xFD0095, "i16x8.mul",                        NONE, binary(V128), SIMD, I16X8),
    I16X8_MIN_S                     (0xFD0096, "i16x8.min_s",                      NONE, binary(V128), SIMD, I16X8),
    I16X8_MIN_U                     (0xFD0097, "i16x8.min_u",                      NONE, binary(V128), SIMD, I16X8),
    I16X8_MAX_S                     (0xFD0098, "i16x8.max_s",                      NONE, binary(V128), SIMD, I16X8),
    I16X8_MAX_U                     (0xFD0099, "i16x8.max_u",                      NONE, binary(V128), SIMD, I16X8),
    I16X8_AVGR_U                    (0xFD009B, "i16x8.avgr_u",                     NONE, binary(V128), SIMD, I16X8),
    I16X8_EXTMUL_LOW_I8X16_S        (0xFD009C, "i16x8.extmul_low_i8x16_s",         NONE, binary(V128), SIMD, I16X8),
    I16X8_EXTMUL_HIGH_I8X16_S       (0xFD009D, "i16x8.extmul_high_i8x16_s",        NONE, binary(V128), SIMD, I16X8),
    I16X8_EXTMUL_LOW_I8X16_U        (0xFD009E, "i16x8.extmul_low_i8x16_u",         NONE, binary(V128), SIMD, I16X8),
    I16X8_EXTMUL_HIGH_I8X16_U       (0xFD009F, "i16x8.extmul_high_i8x16_u",        NONE, binary(V128), SIMD, I16X8),
    I32X4_ABS                       (0xFD00A0, "i32x4.abs",                        NONE, unary(V128), SIMD, I32X4),
    I32X4_NEG                       (0xFD00A1, "i32x4.neg",                        NONE, unary(V128), SIMD, I32X4),
    I32X4_ALL_TRUE                  (0xFD00A3, "i32x4.all_true",                   NONE, convert(V128, I32), SIMD, I32X4),
    I32X4_BITMASK                   (0xFD00A4, "i32x4.bitmask",                    NONE, convert(V128, I32), SIMD, I32X4),
    I32X4_EXTEND_LOW_I16X8_S        (0xFD00A7, "i32x4.extend_low_i16x8_s",         NONE, unary(V128), SIMD, I32X4),
    I32X4_EXTEND_HIGH_I16X8_S       (0xFD00A8, "i32x4.extend_high_i16x8_s",        NONE, unary(V128), SIMD, I32X4),
    I32X4_EXTEND_LOW_I16X8_U        (0xFD00A9, "i32x4.extend_low_i16x8_u",         NONE, unary(V128), SIMD, I32X4),
    I32X4_EXTEND_HIGH_I16X8_U       (0xFD00AA, "i32x4.extend_high_i16x8_u",        NONE, unary(V128), SIMD, I32X4),
    I32X4_SHL                       (0xFD00AB, "i32x4.shl",                        NONE, binary(V128, I32), SIMD, I32X4),
    I32X4_SHR_S                     (0xFD00AC, "i32x4.shr_s",                      NONE, binary(V128, I32), SIMD, I32X4),
    I32X4_SHR_U                     (0xFD00AD, "i32x4.shr_u",                      NONE, binary(V128, I32), SIMD, I32X4),
    I32X4_ADD                       (0xFD00AE, "i32x4.add",                        NONE, binary(V128), SIMD, I32X4),
    I32X4_SUB                       (0xFD00B1, "i32x4.sub",                        NONE, binary(V128), SIMD, I32X4),
    I32X4_MUL                       (0xFD00B5, "i32x4.mul",                        NONE, binary(V128), SIMD, I32X4),
    I32X4_MIN_S                     (0xFD00B6, "i32x4.min_s",                      NONE, binary(V128), SIMD, I32X4),
    I32X4_MIN_U                     (0xFD00B7, "i32x4.min_u",                      NONE, binary(V128), SIMD, I32X4),
    I32X4_MAX_S                     (0xFD00B8, "i32x4.max_s",                      NONE, binary(V128), SIMD, I32X4),
    I32X4_MAX_U                     (0xFD00B9, "i32x4.max_u",                      NONE, binary(V128), SIMD, I32X4),
    I32X4_DOT_I16X8_S               (0xFD00BA, "i32x4.dot_i16x8_s",                NONE, binary(V128), SIMD, I32X4),
    I32X4_EXTMUL_LOW_I16X8_S        (0xFD00BC, "i32x4.extmul_low_i16x8_s",         NONE, binary(V128), SIMD, I32X4),
    I32X4_EXTMUL_HIGH_I16X8_S       (0xFD00BD, "i32x4.extmul_high_i16x8_s",        NONE, binary(V128), SIMD, I32X4),
    I32X4_EXTMUL_LOW_I16X8_U        (0xFD00BE, "i32x4.extmul_low_i16x8_u",         NONE, binary(V128), SIMD, I32X4),
    I32X4_EXTMUL_HIGH_I16X8_U       (0xFD00BF, "i32x4.extmul_high_i16x8_u",        NONE, binary(V128), SIMD, I32X4),
    I64X2_ABS                       (0xFD00C0, "i64x2.abs",                        NONE, unary(V128), SIMD, I64X2),
    I64X2_NEG                       (0xFD00C1, "i64x2.neg",                        NONE, unary(V128), SIMD, I64X2),
    I64X2_ALL_TRUE                  (0xFD00C3, "i64x2.all_true",                   NONE, convert(V128, I32), SIMD, I64X2),
    I64X2_BITMASK                   (0xFD00C4, "i64x2.bitmask",                    NONE, convert(V128, I32), SIMD, I64X2),
    I64X2_EXTEND_LOW_I32X4_S        (0xFD00C7, "i64x2.extend_low_i32x4_s",         NONE, unary(V128), SIMD, I64X2),
    I64X2_EXTEND_HIGH_I32X4_S       (0xFD00C8, "i64x2.extend_high_i32x4_s",        NONE, unary(V128), SIMD, I64X2),
    I64X2_EXTEND_LOW_I32X4_U        (0xFD00C9, "i64x2.extend_low_i32x4_u",         NONE, unary(V128), SIMD, I64X2),
    I64X2_EXTEND_HIGH_I32X4_U       (0xFD00CA, "i64x2.extend_high_i32x4_u",        NONE, unary(V128), SIMD, I64X2),
    I64X2_SHL                       (0xFD00CB, "i64x2.shl",                        NONE, binary(V128, I32), SIMD, I64X2),
    I64X2_SHR_S                     (0xFD00CC, "i64x2.shr_s",                      NONE, binary(V128, I32), SIMD, I64X2),
    I64X2_SHR_U                     (0xFD00CD, "i64x2.shr_u",                      NONE, binary(V128, I32), SIMD, I64X2),
    I64X2_ADD                       (0xFD00CE, "i64x2.add",                        NONE, binary(V128), SIMD, I64X2),
    I64X2_SUB                       (0xFD00D1, "i64x2.sub",                        NONE, binary(V128), SIMD, I64X2),
    I64X2_MUL                       (0xFD00D5, "i64x2.mul",                        NONE, binary(V128), SIMD, I64X2),
    I64X2_EQ                        (0xFD00D6, "i64x2.eq",                         NONE, binary(V128), SIMD, I64X2),
    I64X2_NE                        (0xFD00D7, "i64x2.ne",                         NONE, binary(V128), SIMD, I64X2),
    I64X2_LT_S                      (0xFD00D8, "i64x2.lt_s",                       NONE, binary(V128), SIMD, I64X2),
    I64X2_GT_S                      (0xFD00D9, "i64x2.gt_s",                       NONE, binary(V128), SIMD, I64X2),
    I64X2_LE_S                      (0xFD00DA, "i64x2.le_s",                       NONE, binary(V128), SIMD, I64X2),
    I64X2_GE_S                      (0xFD00DB, "i64x2.ge_s",                       NONE, binary(V128), SIMD, I64X2),
    I64X2_EXTMUL_LOW_I32X4_S        (0xFD00DC, "i64x2.extmul_low_i32x4_s",         NONE, binary(V128), SIMD, I64X2),
    I64X2_EXTMUL_HIGH_I32X4_S       (0xFD00DD, "i64x2.extmul_high_i32x4_s",        NONE, binary(V128), SIMD, I64X2),
    I64X2_EXTMUL_LOW_I32X4_U        (0xFD00DE, "i64x2.extmul_low_i32x4_u",         NONE, binary(V128), SIMD, I64X2),
    I64X2_EXTMUL_HIGH_I32X4_U       (0xFD00DF, "i64x2.extmul_high_i32x4_u",        NONE, binary(V128), SIMD, I64X2),
    F32X4_ABS                       (0xFD00E0, "f32x4.abs",                        NONE, unary(V128), SIMD, F32X4),
    F32X4_NEG                       (0xFD00E1, "f32x4.neg",                        NONE, unary(V128), SIMD, F32X4),
    F32X4_SQRT                      (0xFD00E3, "f32x4.sqrt",                       NONE, unary(V128), SIMD, F32X4),
    F32X4_ADD                       (0xFD00E4, "f32x4.add",                        NONE, binary(V128), SIMD, F32X4),
    F32X4_SUB                       (0xFD00E5, "f32x4.sub",                        NONE, binary(V128), SIMD, F32X4),
    F32X4_MUL                       (0xFD00E6, "f32x4.mul",                        NONE, binary(V128), SIMD, F32X4),
    F32X4_DIV                       (0xFD00E7, "f32x4.div",                        NONE, binary(V128), SIMD, F32X4),
    F32X4_MIN                       (0xFD00E8, "f32x4.min",                        NONE, binary(V128), SIMD, F32X4),
    F32X4_MAX                       (0xFD00E9, "f32x4.max",                        NONE, binary(V128), SIMD, F32X4),
    F32X4_PMIN                      (0xFD00EA, "f32x4.pmin",                       NONE, binary(V128), SIMD, F32X4),
    F32X4_PMAX                      (0xFD00EB, "f32x4.pmax",                       NONE, binary(V128), SIMD, F32X4),
    F64X2_ABS                       (0xFD00EC, "f64x2.abs",                        NONE, unary(V128), SIMD, F64X2),
    F64X2_NEG                       (0xFD00ED, "f64x2.neg",                        NONE, unary(V128), SIMD, F64X2),
    F64X2_SQRT                      (0xFD00EF, "f64x2.sqrt",                       NONE, unary(V128), SIMD, F64X2),
    F64X2_ADD                       (0xFD00F0, "f64x2.add",                        NONE, binary(V128), SIMD, F64X2),
    F64X2_SUB                       (0xFD00F1, "f64x2.sub",                        NONE, binary(V128), SIMD, F64X2),
    F64X2_MUL                       (0xFD00F2, "f64x2.mul",                        NONE, binary(V128), SIMD, F64X2),
    F64X2_DIV                       (0xFD00F3, "f64x2.div",                        NONE, binary(V128), SIMD, F64X2),
    F64X2_MIN                       (0xFD00F4, "f64x2.min",                        NONE, binary(V128), SIMD, F64X2),
    F64X2_MAX                       (0xFD00F5, "f64x2.max",                        NONE, binary(V128), SIMD, F64X2),
    F64X2_PMIN                      (0xFD00F6, "f64x2.pmin",                       NONE, binary(V128), SIMD, F64X2),
    F64X2_PMAX                      (0xFD00F7, "f64x2.pmax",                       NONE, binary(V128), SIMD, F64X2),
    I32X4_TRUNC_SAT_F32X4_S         (0xFD00F8, "i32x4.trunc_sat_f32x4_s",          NONE, unary(V128), SIMD, I32X4),
    I32X4_TRUNC_SAT_F32X4_U         (0xFD00F9, "i32x4.trunc_sat_f32x4_u",          NONE, unary(V128), SIMD, I32X4),
    F32X4_CONVERT_I32X4_S           (0xFD00FA, "f32x4.convert_i32x4_s",            NONE, unary(V128), SIMD, F32X4),
    F32X4_CONVERT_I32X4_U           (0xFD00FB, "f32x4.convert_i32x4_u",            NONE, unary(V128), SIMD, F32X4),
    I32X4_TRUNC_SAT_F64X2_S_ZERO    (0xFD00FC, "i32x4.trunc_sat_f64x2_s_zero",     NONE, unary(V128), SIMD, I32X4),
    I32X4_TRUNC_SAT_F64X2_U_ZERO    (0xFD00FD, "i32x4.trunc_sat_f64x2_u_zero",     NONE, unary(V128), SIMD, I32X4),
    F64X2_CONVERT_LOW_I32X4_S       (0xFD00FE, "f64x2.convert_low_i32x4_s",        NONE, unary(V128), SIMD, F64X2),
    F64X2_CONVERT_LOW_I32X4_U       (0xFD00FF, "f64x2.convert_low_i32x4_u",        NONE, unary(V128), SIMD, F64X2),

    // Relaxed vectors (5.4.8)
    I8X16_RELAXED_SWIZZLE           (0xFD0100, "i8x16.relaxed_swizzle",            NONE, binary(V128), RELAXED_SIMD, I8X16),
    I32X4_RELAXED_TRUNC_F32X4_S     (0xFD0101, "i32x4.relaxed_trunc_f32x4_s",      NONE, unary(V128), RELAXED_SIMD, I32X4),
    I32X4_RELAXED_TRUNC_F32X4_U     (0xFD0102, "i32x4.relaxed_trunc_f32x4_u",      NONE, unary(V128), RELAXED_SIMD, I32X4),
    I32X4_RELAXED_TRUNC_F64X2_S_ZERO(0xFD0103, "i32x4.relaxed_trunc_f64x2_s_zero", NONE, unary(V128), RELAXED_SIMD, I32X4),
    I32X4_RELAXED_TRUNC_F64X2_U_ZERO(0xFD0104, "i32x4.relaxed_trunc_f64x2_u_zero", NONE, unary(V128), RELAXED_SIMD, I32X4),
    F32X4_RELAXED_MADD              (0xFD0105, "f32x4.relaxed_madd",               NONE, ternary(V128), RELAXED_SIMD, F32X4),
    F32X4_RELAXED_NMADD             (0xFD0106, "f32x4.relaxed_nmadd",              NONE, ternary(V128), RELAXED_SIMD, F32X4),
    F64X2_RELAXED_MADD              (0xFD0107, "f64x2.relaxed_madd",               NONE, ternary(V128), RELAXED_SIMD, F64X2),
    F64X2_RELAXED_NMADD             (0xFD0108, "f64x2.relaxed_nmadd",              NONE, ternary(V128), RELAXED_SIMD, F64X2),
    I8X16_RELAXED_LANESELECT        (0xFD0109, "i8x16.relaxed_laneselect",         NONE, ternary(V128), RELAXED_SIMD, I8X16),
    I16X8_RELAXED_LANESELECT        (0xFD010A, "i16x8.relaxed_laneselect",         NONE, ternary(V128), RELAXED_SIMD, I16X8),
    I32X4_RELAXED_LANESELECT        (0xFD010B, "i32x4.relaxed_laneselect",         NONE, ternary(V128), RELAXED_SIMD, I32X4),
    I64X2_RELAXED_LANESELECT        (0xFD010C, "i64x2.relaxed_laneselect",         NONE, ternary(V128), RELAXED_SIMD, I64X2),
    F32X4_RELAXED_MIN               (0xFD010D, "f32x4.relaxed_min",                NONE, binary(V128), RELAXED_SIMD, F32X4),
    F32X4_RELAXED_MAX               (0xFD010E, "f32x4.relaxed_max",                NONE, binary(V128), RELAXED_SIMD, F32X4),
    F64X2_RELAXED_MIN               (0xFD010F, "f64x2.relaxed_min",                NONE, binary(V128), RELAXED_SIMD, F64X2),
    F64X2_RELAXED_MAX               (0xFD0110, "f64x2.relaxed_max",                NONE, binary(V128), RELAXED_SIMD, F64X2),
    I16X8_RELAXED_Q15MULR_S         (0xFD0111, "i16x8.relaxed_q15mulr_s",          NONE, binary(V128), RELAXED_SIMD, I16X8),
    I16X8_RELAXED_DOT_I8X16_I7X16_S (0xFD0112, "i16x8.relaxed_dot_i8x16_i7x16_s",  NONE, binary(V128), RELAXED_SIMD, I16X8),
    I32X4_RELAXED_DOT_I8X16_I7X16_ADD_S(0xFD0113, "i32x4.relaxed_dot_i8x16_i7x16_add_s",
                                                                        NONE, ternary(V128), RELAXED_SIMD, I32X4),

    // Atomics (threads proposal)
    MEMORY_ATOMIC_NOTIFY      (0xFE0000, "memory.atomic.notify",       MEMARG, rmw(I32, 4), THREADS),
    MEMORY_ATOMIC_WAIT32      (0xFE0001, "memory.atomic.wait32",       MEMARG, waiting(I32), THREADS),
    MEMORY_ATOMIC_WAIT64      (0xFE0002, "memory.atomic.wait64",       MEMARG, waiting(I64), THREADS),
    ATOMIC_FENCE              (0xFE0003, "atomic.fence",               ZERO,   nothing(), THREADS),
    I32_ATOMIC_LOAD           (0xFE0010, "i32.atomic.load",            MEMARG, load(I32, 4), THREADS),
    I64_ATOMIC_LOAD           (0xFE0011, "i64.atomic.load",            MEMARG, load(I64, 8), THREADS),
    I32_ATOMIC_LOAD8_U        (0xFE0012, "i32.atomic.load8_u",         MEMARG, load(I32, 1), THREADS),
    I32_ATOMIC_LOAD16_U       (0xFE0013, "i32.atomic.load16_u",        MEMARG, load(I32, 2), THREADS),
    I64_ATOMIC_LOAD8_U        (0xFE0014, "i64.atomic.load8_u",         MEMARG, load(I64, 1), THREADS),
    I64_ATOMIC_LOAD16_U       (0xFE0015, "i64.atomic.load16_u",        MEMARG, load(I64, 2), THREADS),
    I64_ATOMIC_LOAD32_U       (0xFE0016, "i64.atomic.load32_u",        MEMARG, load(I64, 4), THREADS),
    I32_ATOMIC_STORE          (0xFE0017, "i32.atomic.store",           MEMARG, store(I32, 4), THREADS),
    I64_ATOMIC_STORE          (0xFE0018, "i64.atomic.store",           MEMARG, store(I64, 8), THREADS),
    I32_ATOMIC_STORE8         (0xFE0019, "i32.atomic.store8",          MEMARG, store(I32, 1), THREADS),
    I32_ATOMIC_STORE16        (0xFE001A, "i32.atomic.store16",         MEMARG, store(I32, 2), THREADS),
    I64_ATOMIC_STORE8         (0xFE001B, "i64.atomic.store8",          MEMARG, store(I64, 1), THREADS),
    I64_ATOMIC_STORE16        (0xFE001C, "i64.atomic.store16",         MEMARG, store(I64, 2), THREADS),
    I64_ATOMIC_STORE32        (0xFE001D, "i64.atomic.store32",         MEMARG, store(I64, 4), THREADS),
    I32_ATOMIC_RMW_ADD        (0xFE001E, "i32.atomic.rmw.add",         MEMARG, rmw(I32, 4), THREADS),
    I64_ATOMIC_RMW_ADD        (0xFE001F, "i64.atomic.rmw.add",         MEMARG, rmw(I64, 8), THREADS),
    I32_ATOMIC_RMW8_ADD_U     (0xFE0020, "i32.atomic.rmw8.add_u",      MEMARG, rmw(I32, 1), THREADS),
    I32_ATOMIC_RMW16_ADD_U    (0xFE0021, "i32.atomic.rmw16.add_u",     MEMARG, rmw(I32, 2), THREADS),
    I64_ATOMIC_RMW8_ADD_U     (0xFE0022, "i64.atomic.rmw8.add_u",      MEMARG, rmw(I64, 1), THREADS),
    I64_ATOMIC_RMW16_ADD_U    (0xFE0023, "i64.atomic.rmw16.add_u",     MEMARG, rmw(I64, 2), THREADS),
    I64_ATOMIC_RMW32_ADD_U    (0xFE0024, "i64.atomic.rmw32.add_u",     MEMARG, rmw(I64, 4), THREADS),
    I32_ATOMIC_RMW_SUB        (0xFE0025, "i32.atomic.rmw.sub",         MEMARG, rmw(I32, 4), THREADS),
    I64_ATOMIC_RMW_SUB        (0xFE0026, "i64.atomic.rmw.sub",         MEMARG, rmw(I64, 8), THREADS),
    I32_ATOMIC_RMW8_SUB_U     (0xFE0027, "i32.atomic.rmw8.sub_u",      MEMARG, rmw(I32, 1), THREADS),
    I32_ATOMIC_RMW16_SUB_U    (0xFE0028, "i32.atomic.rmw16.sub_u",     MEMARG, rmw(I32, 2), THREADS),
    I64_ATOMIC_RMW8_SUB_U     (0xFE0029, "i64.atomic.rmw8.sub_u",      MEMARG, rmw(I64, 1), THREADS),
    I64_ATOMIC_RMW16_SUB_U    (0xFE002A, "i64.atomic.rmw16.sub_u",     MEMARG, rmw(I64, 2), THREADS),
    I64_ATOMIC_RMW32_SUB_U    (0xFE002B, "i64.atomic.rmw32.sub_u",     MEMARG, rmw(I64, 4), THREADS),
    I32_ATOMIC_RMW_AND        (0xFE002C, "i32.atomic.rmw.and",         MEMARG, rmw(I32, 4), THREADS),
    I64_ATOMIC_RMW_AND        (0xFE002D, "i64.atomic.rmw.and",         MEMARG, rmw(I64, 8), THREADS),
    I32_ATOMIC_RMW8_AND_U     (0xFE002E, "i32.atomic.rmw8.and_u",      MEMARG, rmw(I32, 1), THREADS),
    I32_ATOMIC_RMW16_AND_U    (0xFE002F, "i32.atomic.rmw16.and_u",     MEMARG, rmw(I32, 2), THREADS),
    I64_ATOMIC_RMW8_AND_U     (0xFE0030, "i64.atomic.rmw8.and_u",      MEMARG, rmw(I64, 1), THREADS),
    I64_ATOMIC_RMW16_AND_U    (0xFE0031, "i64.atomic.rmw16.and_u",     MEMARG, rmw(I64, 2), THREADS),
    I64_ATOMIC_RMW32_AND_U    (0xFE0032, "i64.atomic.rmw32.and_u",     MEMARG, rmw(I64, 4), THREADS),
    I32_ATOMIC_RMW_OR         (0xFE0033, "i32.atomic.rmw.or",          MEMARG, rmw(I32, 4), THREADS),
    I64_ATOMIC_RMW_OR         (0xFE0034, "i64.atomic.rmw.or",          MEMARG, rmw(I64, 8), THREADS),
    I32_ATOMIC_RMW8_OR_U      (0xFE0035, "i32.atomic.rmw8.or_u",       MEMARG, rmw(I32, 1), THREADS),
    I32_ATOMIC_RMW16_OR_U     (0xFE0036, "i32.atomic.rmw16.or_u",      MEMARG, rmw(I32, 2), THREADS),
    I64_ATOMIC_RMW8_OR_U      (0xFE0037, "i64.atomic.rmw8.or_u",       MEMARG, rmw(I64, 1), THREADS),
    I64_ATOMIC_RMW16_OR_U     (0xFE0038, "i64.atomic.rmw16.or_u",      MEMARG, rmw(I64, 2), THREADS),
    I64_ATOMIC_RMW32_OR_U     (0xFE0039, "i64.atomic.rmw32.or_u",      MEMARG, rmw(I64, 4), THREADS),
    I32_ATOMIC_RMW_XOR        (0xFE003A, "i32.atomic.rmw.xor",         MEMARG, rmw(I32, 4), THREADS),
    I64_ATOMIC_RMW_XOR        (0xFE003B, "i64.atomic.rmw.xor",         MEMARG, rmw(I64, 8), THREADS),
    I32_ATOMIC_RMW8_XOR_U     (0xFE003C, "i32.atomic.rmw8.xor_u",      MEMARG, rmw(I32, 1), THREADS),
    I32_ATOMIC_RMW16_XOR_U    (0xFE003D, "i32.atomic.rmw16.xor_u",     MEMARG, rmw(I32, 2), THREADS),
    I64_ATOMIC_RMW8_XOR_U     (0xFE003E, "i64.atomic.rmw8.xor_u",      MEMARG, rmw(I64, 1), THREADS),
    I64_ATOMIC_RMW16_XOR_U    (0xFE003F, "i64.atomic.rmw16.xor_u",     MEMARG, rmw(I64, 2), THREADS),
    I64_ATOMIC_RMW32_XOR_U    (0xFE0040, "i64.atomic.rmw32.xor_u",     MEMARG, rmw(I64, 4), THREADS),
    I32_ATOMIC_RMW_XCHG       (0xFE0041, "i32.atomic.rmw.xchg",        MEMARG, rmw(I32, 4), THREADS),
    I64_ATOMIC_RMW_XCHG       (0xFE0042, "i64.atomic.rmw.xchg",        MEMARG, rmw(I64, 8), THREADS),
    I32_ATOMIC_RMW8_XCHG_U    (0xFE0043, "i32.atomic.rmw8.xchg_u",     MEMARG, rmw(I32, 1), THREADS),
    I32_ATOMIC_RMW16_XCHG_U   (0xFE0044, "i32.atomic.rmw16.xchg_u",    MEMARG, rmw(I32, 2), THREADS),
    I64_ATOMIC_RMW8_XCHG_U    (0xFE0045, "i64.atomic.rmw8.xchg_u",     MEMARG, rmw(I64, 1), THREADS),
    I64_ATOMIC_RMW16_XCHG_U   (0xFE0046, "i64.atomic.rmw16.xchg_u",    MEMARG, rmw(I64, 2), THREADS),
    I64_ATOMIC_RMW32_XCHG_U   (0xFE0047, "i64.atomic.rmw32.xchg_u",    MEMARG, rmw(I64, 4), THREADS),
    I32_ATOMIC_RMW_CMPXCHG    (0xFE0048, "i32.atomic.rmw.cmpxchg",     MEMARG, cmpxchg(I32, 4), THREADS),
    I64_ATOMIC_RMW_CMPXCHG    (0xFE0049, "i64.atomic.rmw.cmpxchg",     MEMARG, cmpxchg(I64, 8), THREADS),
    I32_ATOMIC_RMW8_CMPXCHG_U (0xFE004A, "i32.atomic.rmw8.cmpxchg_u",  MEMARG, cmpxchg(I32, 1), THREADS),
    I32_ATOMIC_RMW16_CMPXCHG_U(0xFE004B, "i32.atomic.rmw16.cmpxchg_u", MEMARG, cmpxchg(I32, 2), THREADS),
    I64_ATOMIC_RMW8_CMPXCHG_U (0xFE004C, "i64.atomic.rmw8.cmpxchg_u",  MEMARG, cmpxchg(I64, 1), THREADS),
    I64_ATOMIC_RMW16_CMPXCHG_U(0xFE004D, "i64.atomic.rmw16.cmpxchg_u", MEMARG, cmpxchg(I64, 2), THREADS),
    I64_ATOMIC_RMW32_CMPXCHG_U(0xFE004E, "i64.atomic.rmw32.cmpxchg_u", MEMARG, cmpxchg(I64, 4), THREADS);
    // @formatter:on

    private static final int PREFIX_FB = 0xFB;
    private static final int PREFIX_FC = 0xFC;
    private static final int PREFIX_FD = 0xFD;
    private static final int PREFIX_FE = 0xFE;

    private static final @Nullable Opcode[] PLAIN = new Opcode[0x100];
    private static final @Nullable Opcode[] FB = new Opcode[0x20];
    private static final @Nullable Opcode[] FC = new Opcode[0x20];
    private static final @Nullable Opcode[] FD = new Opcode[0x120];
    private static final @Nullable Opcode[] FE = new Opcode[0x50];
    private static final @Nullable Opcode[] UNASSIGNED = new Opcode[0];
    private static final Map<String, Opcode> NAMED = new HashMap<>();

    private final int code;
    private final String text;
    private final Immediates immediates;
    private final Effect effect;
    private final @Nullable Feature feature;
    private final @Nullable LaneShape lanes;

    Opcode(int code, String text, Immediates immediates, Effect effect) {
        this(code, text, immediates, effect, null);
    }

    Opcode(int code, String text, Immediates immediates, Effect effect, @Nullable Feature feature) {
        this(code, text, immediates, effect, feature, null);
    }

    Opcode(
            int code, String text, Immediates immediates, Effect effect, @Nullable Feature feature,
            @Nullable LaneShape lanes) {
        this.code = code;
        this.text = text;
        this.immediates = immediates;
        this.effect = effect;
        this.feature = feature;
        this.lanes = lanes;
    }

    static {
        for (Opcode op : values()) {
            @Nullable Opcode[] table = table(op.code >>> 16);
            int number = op.code & 0xFFFF;
            if (table[number] != null) {
                throw new AssertionError("BUG: " + op + " and " + table[number] + " share a code");
            }
            table[number] = op;
            NAMED.putIfAbsent(op.text, op);
        }
    }

    /** The opcode byte, or {@code prefix << 16 | number}. */
    public int code() {
        return code;
    }

    /**
     * The keyword of the text format. Four rows share theirs with another: {@code select}, {@code ref.test}, {@code
     * ref.cast}.
     */
    public String text() {
        return text;
    }

    public Immediates immediates() {
        return immediates;
    }

    public Effect effect() {
        return effect;
    }

    /** What must be switched on for the instruction to exist; null for those of WebAssembly 1.0. */
    public @Nullable Feature feature() {
        return feature;
    }

    /** How the instruction divides vectors; null for those of scalars, and those of a v128 as a whole ({@code v128.…}). */
    public @Nullable LaneShape lanes() {
        return lanes;
    }

    /** Bytes that a memory instruction reads or writes: its natural alignment. 0 for all other instructions. */
    public int accessBytes() {
        return effect instanceof Access access ? access.bytes() : 0;
    }

    /** Whether this is an atomic access, whose alignment must be exactly the natural one (threads proposal). */
    public boolean isAtomic() {
        return code >>> 16 == PREFIX_FE;
    }

    /** Whether a block begins with this instruction, which an {@link #closesBlock} ends. */
    public boolean opensBlock() {
        return switch (this) {
            case BLOCK, LOOP, IF, TRY_TABLE, TRY -> true;
            default -> false;
        };
    }

    /** Whether a block, or the body, ends with this instruction. */
    public boolean closesBlock() {
        return this == END || this == DELEGATE;
    }

    /** Whether one part of a block ends with this instruction and another begins. */
    public boolean dividesBlock() {
        return this == ELSE || this == CATCH || this == CATCH_ALL;
    }

    /** The instruction of a {@link #code()}, or null where nothing is assigned. */
    public static @Nullable Opcode of(int code) {
        @Nullable Opcode[] table = table(code >>> 16);
        int number = code & 0xFFFF;
        return number < table.length ? table[number] : null;
    }

    /**
     * The instruction of a keyword, or null. Of two with the same keyword, the one without annotation or {@code null}.
     */
    public static @Nullable Opcode named(String text) {
        return NAMED.get(text);
    }

    /** Whether the byte introduces a number of a second table. */
    static boolean isPrefix(int b) {
        return b >= PREFIX_FB && b <= PREFIX_FE;
    }

    static @Nullable Opcode plain(int b) {
        return PLAIN[b];
    }

    private static @Nullable Opcode[] table(int prefix) {
        return switch (prefix) {
            case 0 -> PLAIN;
            case PREFIX_FB -> FB;
            case PREFIX_FC -> FC;
            case PREFIX_FD -> FD;
            case PREFIX_FE -> FE;
            default -> UNASSIGNED;
        };
    }
}
