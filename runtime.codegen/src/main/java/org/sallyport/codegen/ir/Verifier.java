package org.sallyport.codegen.ir;

import static org.sallyport.codegen.ir.LoopLocals.ensure;

import java.util.Arrays;

/**
 * Checks that a graph is sound. Run between passes in tests and with {@code CompileOptions.verify}. It checks that
 *
 * <ul>
 *   <li>the entry has neither predecessors nor parameters, and ARGs stand only there;
 *   <li>each block ends with its only terminator, which has the successors it needs, all in the layout and with predecessors;
 *   <li>a block with several successors is the only predecessor of each, and passes no arguments;
 *   <li>an outcome stands behind a call, whose results are used only where it returned;
 *   <li>a jump passes one argument of the right type for each parameter;
 *   <li>edges that go backwards in the layout lead to a block that dominates them, or out of cold code;
 *   <li>operands exist in number and type as the {@link Op} row asks, are placed, not replaced, and dominate their uses;
 *   <li>results have the type that the row asks, loads and stores fit their type;
 *   <li>operations on lanes stand in the instruction that carries them, and have lanes of the right type;
 *   <li>RESULTs stand in order directly behind their call;
 *   <li>returned values match the function's results.
 * </ul>
 */
public final class Verifier {
    private final Cfg cfg = new Cfg();
    private Graph graph = Graph.NOTHING;
    private String when = "";
    /** By value: place in its block; parameters 0. */
    private int[] place = new int[256];

    /** @throws AssertionError with the fault, the instruction and the whole graph */
    public static void verify(Graph graph, String when) {
        new Verifier().check(graph, when);
    }

    /** @param stage what was done last, for the message */
    public void check(Graph of, String stage) {
        graph = of;
        when = stage;
        cfg.compute(graph);
        numberInstructions();
        for (int i = 0; i < cfg.count(); i++) {
            checkBlock(cfg.block(i), i == 0);
        }
    }

    private AssertionError fault(int v, String text) {
        String where = v < 0 ? "" : "\n  in " + Printer.instruction(graph, v);
        String dump = graph.size() > 5000 ? "" : "\n" + Printer.print(graph);
        return new AssertionError("BUG: graph of function " + graph.function() + " after " + when + ": " + text + where + dump);
    }

    private void require(boolean condition, int v, String text) {
        if (!condition) {
            throw fault(v, text);
        }
    }

    private void numberInstructions() {
        place = ensure(place, graph.size());
        Arrays.fill(place, 0, graph.size(), -1);
        for (int i = 0; i < cfg.count(); i++) {
            int b = cfg.block(i);
            int at = 0;
            for (int k = 0; k < graph.paramCount(b); k++) {
                place[graph.param(b, k)] = 0;
            }
            for (int v = graph.first(b); v >= 0; v = graph.next(v)) {
                place[v] = ++at;
            }
        }
    }

    private void checkBlock(int b, boolean isEntry) {
        if (isEntry) {
            require(cfg.predecessorCount(b) == 0 && graph.paramCount(b) == 0, -1, "entry b" + b + " is entered");
        } else {
            require(cfg.predecessorCount(b) > 0, -1, "b" + b + " has no predecessors");
        }
        for (int k = 0; k < graph.paramCount(b); k++) {
            int param = graph.param(b, k);
            require(graph.op(param) == Op.PARAM && graph.blockOf(param) == b, param, "not a parameter of b" + b);
        }
        int last = graph.last(b);
        require(last >= 0 && graph.op(last).isTerminator(), last, "b" + b + " has no terminator");
        for (int v = graph.first(b); v >= 0; v = graph.next(v)) {
            require(graph.blockOf(v) == b, v, "thinks it is in b" + graph.blockOf(v) + ", not b" + b);
            require(v == last || !graph.op(v).isTerminator(), v, "terminator within b" + b);
            require(graph.op(v) != Op.ARG || isEntry, v, "argument outside of the entry");
            checkInstruction(v, b);
        }
        checkSuccessors(b, last);
    }

    private void checkSuccessors(int b, int last) {
        Op op = graph.op(last);
        int n = graph.successorCount(b);
        int wanted = switch (op) {
            case JUMP -> 1;
            case BRANCH, OUTCOME -> 2;
            case BR_TABLE -> n;
            default -> 0;
        };
        require(n == wanted, last, n + " successors");
        for (int i = 0; i < n; i++) {
            int s = graph.successor(b, i);
            require(cfg.number(s) >= 0, last, "successor b" + s + " is not in the layout");
            boolean isBackFromCold = graph.isCold(b) && !graph.isCold(s);
            require(cfg.number(s) > cfg.number(b) || cfg.dominates(s, b) || isBackFromCold, last,
                    "b" + s + " stands before but does not dominate");
            if (op != Op.JUMP) {
                require(cfg.predecessorCount(s) == 1 && graph.paramCount(s) == 0, last, "critical edge to b" + s);
            }
        }
        if (op == Op.JUMP) {
            checkArguments(last, graph.successor(b, 0));
        } else if (op == Op.BR_TABLE) {
            for (int i = 0; i < graph.tableCaseCount(last); i++) {
                require(graph.tableCase(last, i) >= 0 && graph.tableCase(last, i) < n, last, "case " + i + " leads nowhere");
            }
            require(graph.tableCaseCount(last) > 0, last, "no default case");
        }
    }

    private void checkArguments(int jump, int target) {
        int n = graph.paramCount(target);
        require(graph.operandCount(jump) == n, jump, "b" + target + " has " + n + " parameters");
        for (int i = 0; i < n; i++) {
            require(graph.type(graph.operand(jump, i)) == graph.type(graph.param(target, i)), jump, "type of argument " + i);
        }
    }

    private void checkInstruction(int v, int b) {
        Op op = graph.op(v);
        require(op != Op.PARAM, v, "parameter in the instruction list");
        require(!graph.isReplaced(v), v, "replaced, but still here");
        int n = graph.operandCount(v);
        for (int i = 0; i < n; i++) {
            checkOperand(v, b, i);
        }
        checkOperandTypes(v, op);
        checkResult(v, op);
        checkSpecial(v, b, op);
    }

    private void checkOperand(int v, int b, int i) {
        int operand = graph.operand(v, i);
        require(operand >= 0 && operand < graph.size(), v, "operand " + i + " is v" + operand);
        require(!graph.isReplaced(operand), v, "operand v" + operand + " was replaced");
        require(graph.type(operand) != Type.VOID, v, "operand v" + operand + " is no value");
        require(place[operand] >= 0, v, "operand v" + operand + " stands nowhere");
        int from = graph.blockOf(operand);
        boolean before = from == b ? place[operand] < place[v] : cfg.dominates(from, b);
        require(before, v, "operand v" + operand + " does not dominate this use");
        boolean mayBeMissing = from != b && graph.op(graph.last(from)) == Op.OUTCOME && operand == outcomeOf(operand, from);
        require(!mayBeMissing || cfg.dominates(graph.successor(from, 0), b), v, "operand v" + operand + " was not returned");
    }

    /** The operand itself if it is a result of the call whose outcome ends the block. */
    private int outcomeOf(int operand, int b) {
        int call = callBefore(graph.last(b));
        return operand == call || graph.op(operand) == Op.RESULT && graph.a(operand) == call ? operand : -1;
    }

    /** The call of which the instruction before {@code v} is, or gives, a result. */
    private int callBefore(int v) {
        int before = graph.previous(v);
        return before >= 0 && graph.op(before) == Op.RESULT ? graph.a(before) : before;
    }

    private void checkOperandTypes(int v, Op op) {
        String letters = op.operands;
        if (op.operandCount() < 0) {
            return;
        }
        Type[] seen = new Type[128];
        for (int i = 0; i < letters.length(); i++) {
            char letter = letters.charAt(i);
            Type type = graph.type(graph.operand(v, i));
            boolean fits = switch (letter) {
                case 'e' -> type.isInt() || type == Type.REF;
                case 'i' -> type.isInt();
                case 'f' -> type.isFloat();
                case 'w' -> type == Type.I32;
                case 'l' -> type == Type.I64;
                case 'q' -> type == Type.V128;
                default -> true;
            };
            boolean agrees = letter == 'v' || letter == 'w' || letter == 'l' || seen[letter] == null || seen[letter] == type;
            require(fits && agrees, v, "operand " + i + " is " + type + ", row says " + letters);
            seen[letter] = type;
        }
    }

    private void checkResult(int v, Op op) {
        Type type = graph.type(v);
        boolean fits = switch (op.result) {
            case NONE -> type == Type.VOID;
            case SAME -> type == graph.type(graph.a(v));
            case SECOND -> type == graph.type(graph.b(v));
            case I32 -> type == Type.I32;
            case I64 -> type == Type.I64;
            case F32 -> type == Type.F32;
            case F64 -> type == Type.F64;
            case V128 -> type == Type.V128;
            case INT -> type.isInt();
            case FLOAT -> type.isFloat();
            case GIVEN -> op.isCall() || type != Type.VOID;
        };
        require(fits, v, "result is " + type);
    }

    /** A check gives an i64; what relies on guard pages is an i32. */
    private void checkAddress(int v, Op op) {
        if (op.isLinearAccess()) {
            Type wanted = graph.isChecked(v) ? Type.I64 : Type.I32;
            require(graph.type(graph.a(v)) == wanted, v, "address is no " + wanted);
            Type type = graph.type(op == Op.STORE || op == Op.ATOMIC_STORE ? graph.b(v) : v);
            require(type != Type.REF || Graph.isHeap(graph.memory(v)), v, "a reference in linear memory");
        }
    }

    private void checkSpecial(int v, int b, Op op) {
        switch (op) {
            case LOAD, VMLOAD -> {
                checkAccess(v, graph.type(v));
                checkAddress(v, op);
            }
            case STORE, VMSTORE -> {
                checkAddress(v, op);
                checkAccess(v, graph.type(graph.b(v)));
                require(!graph.access(v).isSigned(), v, "signed store");
            }
            case ATOMIC_LOAD, ATOMIC_STORE, ATOMIC_ADD, ATOMIC_AND, ATOMIC_OR, ATOMIC_XOR, ATOMIC_XCHG, ATOMIC_CMPXCHG -> {
                checkAddress(v, op);
                Type type = graph.type(op == Op.ATOMIC_LOAD ? v : graph.b(v));
                checkAccess(v, type);
                require(type.isInt() && !graph.access(v).isSigned(), v, "no unsigned integer");
            }
            case REINTERPRET -> {
                Type from = graph.type(graph.a(v));
                require(from.bytes() == graph.type(v).bytes() && from != graph.type(v), v, "reinterprets " + from);
            }
            case PROMOTE -> require(graph.type(graph.a(v)) == Type.F32, v, "promotes no f32");
            case DEMOTE -> require(graph.type(graph.a(v)) == Type.F64, v, "demotes no f64");
            case CONST -> require(graph.type(v) != Type.I32 || graph.imm(v) == (int) graph.imm(v), v, "i32 not sign-extended");
            case VUNARY, VBINARY, VTERNARY, VSHIFT, VTEST, VSPLAT, VEXTRACT, VREPLACE -> checkLanes(v, op);
            case RESULT -> checkCallResult(v);
            case CALL_REF, RETURN_CALL_REF ->
                require(graph.operandCount(v) > 0 && isReference(graph.operand(v, 0)), v, "calls no reference");
            case FUNC_TYPE -> require(isReference(graph.a(v)), v, "no reference");
            case CHARGE -> require(graph.imm(v) >= 0 && graph.imm(v) == (int) graph.imm(v), v, "charges " + graph.imm(v));
            case OUTCOME -> {
                int call = callBefore(v);
                require(call >= 0 && graph.op(call).isCall() && graph.blockOf(call) == b, v, "not behind a call");
            }
            case RETURN -> {
                require(graph.operandCount(v) == graph.resultCount(), v, "returns " + graph.operandCount(v) + " values");
                for (int i = 0; i < graph.resultCount(); i++) {
                    require(graph.type(graph.operand(v, i)) == graph.resultType(i), v, "type of result " + i);
                }
            }
            default -> {}
        }
    }

    /** References to functions are i64, as they are to native code. */
    private boolean isReference(int v) {
        return graph.type(v) == Type.I64 || graph.type(v) == Type.REF;
    }

    private void checkAccess(int v, Type type) {
        Access access = graph.access(v);
        int bytes = type.bytes();
        boolean part = type.isInt() || isWidened(v, access);
        boolean fits = access.bytes() == bytes || part && access.bytes() < bytes;
        require(fits && !(access.isSigned() && access.bytes() == bytes), v, access + " does not fit " + type);
    }

    /** A load of a vector may read its lowest 4 or 8 bytes; the others become 0. */
    private boolean isWidened(int v, Access access) {
        return graph.op(v) == Op.LOAD && graph.type(v) == Type.V128 && (access == Access.U32 || access == Access.W64);
    }

    private void checkLanes(int v, Op op) {
        LaneOp lane = graph.lane(v);
        require(lane.form() == op, v, lane + " belongs to " + lane.form());
        switch (op) {
            case VSPLAT -> require(graph.type(graph.a(v)) == graph.laneType(v), v, "splat of " + graph.type(graph.a(v)));
            case VEXTRACT, VREPLACE -> {
                Type scalar = op == Op.VEXTRACT ? graph.type(v) : graph.type(graph.b(v));
                require(scalar == graph.laneType(v), v, "lane is " + scalar);
                require(graph.imm(v) >= 0 && graph.imm(v) < graph.shape(v).lanes(), v, "no such lane");
            }
            default -> {}
        }
    }

    private void checkCallResult(int v) {
        int before = graph.previous(v);
        int call = graph.a(v);
        long number = graph.imm(v);
        boolean follows = number == 1 ? before == call
                : before >= 0 && graph.op(before) == Op.RESULT && graph.a(before) == call && graph.imm(before) == number - 1;
        require(graph.op(call).isCall() && follows, v, "not behind its call");
    }
}
