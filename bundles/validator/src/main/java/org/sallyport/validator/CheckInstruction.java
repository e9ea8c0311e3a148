package org.sallyport.validator;

import static org.sallyport.validator.Problem.ALIGNMENT;
import static org.sallyport.validator.Problem.ATOMIC_ALIGNMENT;
import static org.sallyport.validator.Problem.IMMUTABLE_GLOBAL;
import static org.sallyport.validator.Problem.LANE;
import static org.sallyport.validator.Problem.OFFSET;
import static org.sallyport.validator.Problem.SELECT_ARITY;
import static org.sallyport.validator.Problem.TYPE_MISMATCH;

import org.sallyport.wasm.Feature;
import org.sallyport.wasm.Immediates;
import org.sallyport.wasm.Opcode;

/**
 * The rule of every instruction (WebAssembly 3.0, 3.4). Regular ones follow the opcode table; the others are grouped
 * by family in the classes this one asks.
 */
final class CheckInstruction {
    private final Scope scope;
    private final Context context;
    private final Operands operands;
    private final Locals locals;
    private final CheckControl control;
    private final CheckStorage storage;
    private final CheckReferences references;
    private final CheckAggregates aggregates;

    CheckInstruction(Scope scope) {
        this.scope = scope;
        context = scope.context;
        operands = scope.operands;
        locals = scope.locals;
        control = new CheckControl(scope);
        storage = new CheckStorage(scope);
        references = new CheckReferences(scope);
        aggregates = new CheckAggregates(scope);
    }

    /** Checks the instruction that the scope's reader has just read. */
    void check(Opcode op) {
        int i = op.ordinal();
        if (Effects.FEATURE[i] != 0) {
            scope.uses.need(op);
        }
        int[] pops = Effects.POPS[i];
        if (pops != null) {
            if (op.immediates() != Immediates.NONE) {
                immediates(op);
            }
            operands.popAll(pops);
            operands.pushAll(Effects.PUSHES[i]);
        } else if (Effects.LOADS[i] != null) {
            access(op);
        } else {
            special(op);
        }
    }

    /** Those of instructions with a regular effect. */
    private void immediates(Opcode op) {
        switch (op.immediates()) {
            case LANE -> lane(scope.code.lane(), lanes(op));
            case SHUFFLE -> {
                for (int i = 0; i < 16; i++) {
                    lane(scope.code.lane(i), 32);
                }
            }
            case DATA -> scope.data(scope.code.index());
            case ELEM -> context.element(scope.code.index());
            default -> {}
        }
    }

    private static void lane(int lane, int lanes) {
        if (lane >= lanes) {
            throw new Violation(LANE, lane + " of " + lanes);
        }
    }

    /** {@code 16} of {@code i8x16.extract_lane_s} and so on. */
    private static int lanes(Opcode op) {
        String shape = op.text();
        int x = shape.indexOf('x');
        return Integer.parseInt(shape, x + 1, shape.indexOf('.'), 10);
    }

    private void access(Opcode op) {
        int memory = scope.code.memory();
        int address = context.memory(memory);
        if (scope.code.memoryGiven()) {
            scope.uses.need(Feature.MULTI_MEMORY, op.text());
        }
        scope.touchesMemory = true;
        int i = op.ordinal();
        int align = scope.code.alignLog2();
        int natural = Effects.ALIGN[i];
        if (align > natural) {
            throw new Violation(ALIGNMENT, "1 << " + align + " is more than 1 << " + natural);
        }
        if (align != natural && op.isAtomic()) {
            throw new Violation(ATOMIC_ALIGNMENT, "1 << " + align + " is not 1 << " + natural);
        }
        if (address == Types.I32 && scope.code.memOffset() >>> 32 != 0) {
            throw new Violation(OFFSET, Long.toUnsignedString(scope.code.memOffset()));
        }
        if (op.immediates() == Immediates.MEMARG_LANE) {
            lane(scope.code.lane(), 16 >> natural);
        }
        operands.popAll((address == Types.I32 ? Effects.POPS_32 : Effects.POPS_64)[i]);
        operands.pushAll(Effects.LOADS[i]);
    }

    private void special(Opcode op) {
        switch (op) {
            case LOCAL_GET -> operands.push(locals.read(scope.code.index()));
            case LOCAL_SET -> operands.pop(locals.write(scope.code.index()));
            case LOCAL_TEE -> {
                int type = locals.write(scope.code.index());
                operands.pop(type);
                operands.push(type);
            }
            case GLOBAL_GET -> operands.push(context.global(scope.code.index()));
            case GLOBAL_SET -> globalSet();
            case DROP -> operands.pop();
            case SELECT -> select();
            case SELECT_TYPED -> selectTyped();
            default -> family(op);
        }
    }

    private void family(Opcode op) {
        boolean known = switch (op.code() >>> 16) {
            case 0xFB -> aggregates.check(op) || references.check(op);
            case 0xFC -> storage.check(op);
            default -> control.check(op) || storage.check(op) || references.check(op);
        };
        if (!known) {
            throw new AssertionError("BUG: no rule for " + op);
        }
    }

    private void globalSet() {
        int index = scope.code.index();
        int type = context.global(index);
        if (!context.mutable[index]) {
            throw Violation.entry(IMMUTABLE_GLOBAL, index);
        }
        operands.pop(type);
    }

    private void select() {
        operands.pop(Types.I32);
        int second = operands.pop();
        int first = operands.pop();
        boolean equal = first == second || first == Types.BOTTOM || second == Types.BOTTOM;
        if (!equal || Types.isRef(first) || Types.isRef(second)) {
            throw new Violation(TYPE_MISMATCH, "select requires two equal numbers or vectors but stack has ["
                    + Types.text(first) + " " + Types.text(second) + "]");
        }
        operands.push(first == Types.BOTTOM ? second : first);
    }

    private void selectTyped() {
        if (scope.code.typeCount() != 1) {
            throw new Violation(SELECT_ARITY, scope.code.typeCount() + " types instead of 1");
        }
        scope.uses.need(scope.code.type(0));
        int type = scope.types.code(scope.code.type(0));
        operands.pop(Types.I32);
        operands.pop(type);
        operands.pop(type);
        operands.push(type);
    }
}
