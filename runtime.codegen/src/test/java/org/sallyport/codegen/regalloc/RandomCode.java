package org.sallyport.codegen.regalloc;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Random functions for the allocator: first a control-flow graph, structured or not, then instructions of every shape
 * of operands over a set of variables. SSA comes about by giving every block with several predecessors a parameter
 * for each variable that may change; other variables are defined once in the entry and live as long as they are used.
 */
final class RandomCode {
    /** How large, how wild. */
    record Shape(int blocks, int instructions, int variables, int calls, int registers, boolean structured) {}

    private final Random random;
    private final Shape shape;
    private final TestCode code = new TestCode();
    private final long allocatable;

    // the graph before SSA
    private final List<List<Integer>> successors = new ArrayList<>();
    private final List<Integer> depth = new ArrayList<>();
    private int[] layout = {};
    private int[] number = {};

    // variables
    private RegisterClass[] classOf = {};
    private boolean[] changes = {};
    private int[][] atExit = {};
    private int[] current = {};

    private RandomCode(long seed, Shape shape) {
        random = new Random(seed);
        this.shape = shape;
        allocatable = registers(shape.registers);
        code.allocatable(allocatable);
    }

    static TestCode generate(long seed, Shape shape) {
        var r = new RandomCode(seed, shape);
        if (shape.structured) r.structuredGraph();
        else r.wildGraph();
        r.splitCriticalEdges();
        r.order();
        r.chooseVariables();
        r.fill();
        return r.code.build();
    }

    /** At least 5 general and 4 vector registers; those of x86-64 come first. */
    private static long registers(int n) {
        long result = 0;
        int ints = 0;
        int vectors = 0;
        for (int r : new int[] {0, 2, 1, 3, 7, 6, 8, 9, 10, 12, 13}) if (ints++ < Math.max(n, 5)) result |= 1L << r;
        for (int r = 14; r < 32; r++) if (ints++ < n) result |= 1L << r;
        for (int r = 0; r < 32; r++) {
            boolean isScratch = r == 15;
            if (!isScratch && vectors++ < Math.max(n, 4)) result |= 1L << Registers.VECTORS + r;
        }
        return result;
    }

    // ---- graphs

    private int newBlock(int d) {
        successors.add(new ArrayList<>());
        depth.add(d);
        return depth.size() - 1;
    }

    private void edge(int from, int to) {
        successors.get(from).add(to);
    }

    private void wildGraph() {
        int n = Math.max(2, shape.blocks);
        for (int b = 0; b < n; b++) newBlock(random.nextInt(3));
        for (int b = 0; b + 1 < n; b++) edge(b, b + 1);
        for (int b = 0; b + 1 < n; b++) {
            int more = random.nextInt(10) < 6 ? 1 : random.nextInt(4);
            for (int x = 0; x < more; x++) edge(b, 1 + random.nextInt(n - 1));
        }
    }

    private void structuredGraph() {
        int entry = newBlock(0);
        int last = sequence(entry, 0, shape.blocks, -1);
        if (successors.get(last).isEmpty() && random.nextBoolean()) edge(last, newBlock(0));
    }

    /** Statements from a block on; returns the block where they end. */
    private int sequence(int block, int d, int budget, int loopExit) {
        while (budget > 0) {
            int part = 1 + random.nextInt(budget);
            budget -= part;
            switch (random.nextInt(d < 4 ? 6 : 3)) {
                case 0 -> {
                    int next = newBlock(d);
                    edge(block, next);
                    block = next;
                }
                case 1, 2 -> block = branch(block, d, part, loopExit);
                default -> block = loop(block, d, part);
            }
        }
        return block;
    }

    private int branch(int block, int d, int budget, int loopExit) {
        int ways = random.nextInt(6) == 0 ? 2 + random.nextInt(5) : 2;
        int join = -1;
        for (int w = 0; w < ways; w++) {
            int arm = newBlock(d);
            edge(block, arm);
            int end = sequence(arm, d, budget / (ways + 1), loopExit);
            if (w > 0 && loopExit >= 0 && random.nextInt(4) == 0) {
                edge(end, loopExit);
            } else {
                if (join < 0) join = newBlock(d);
                edge(end, join);
            }
        }
        return join;
    }

    private int loop(int block, int d, int budget) {
        int header = newBlock(d + 1);
        edge(block, header);
        int exit = newBlock(d);
        if (random.nextBoolean()) {
            int body = newBlock(d + 1);
            edge(header, body);
            edge(header, exit);
            edge(sequence(body, d + 1, budget - 1, exit), header);
        } else {
            int end = sequence(header, d + 1, budget - 1, exit);
            edge(end, header);
            edge(end, exit);
        }
        return exit;
    }

    private void splitCriticalEdges() {
        int n = depth.size();
        int[] preds = new int[n];
        for (var out : successors) for (int s : out) preds[s]++;
        for (int b = 0; b < n; b++) {
            List<Integer> out = successors.get(b);
            for (int x = 0; x < out.size() && out.size() > 1; x++) {
                if (preds[out.get(x)] < 2) continue;
                int middle = newBlock(Math.min(depth.get(b), depth.get(out.get(x))));
                edge(middle, out.get(x));
                out.set(x, middle);
            }
        }
    }

    /** Reverse post order. */
    private void order() {
        var visited = new boolean[depth.size()];
        var post = new ArrayList<Integer>();
        visit(0, visited, post);
        layout = new int[post.size()];
        number = new int[depth.size()];
        for (int x = 0; x < layout.length; x++) {
            layout[x] = post.get(layout.length - 1 - x);
            number[layout[x]] = x;
        }
    }

    private void visit(int b, boolean[] visited, List<Integer> post) {
        var stack = new ArrayList<int[]>();
        stack.add(new int[] {b, successors.get(b).size() - 1});
        visited[b] = true;
        while (!stack.isEmpty()) {
            int[] top = stack.getLast();
            if (top[1] < 0) {
                post.add(top[0]);
                stack.removeLast();
                continue;
            }
            int s = successors.get(top[0]).get(top[1]--);
            if (visited[s]) continue;
            visited[s] = true;
            stack.add(new int[] {s, successors.get(s).size() - 1});
        }
    }

    // ---- code

    private void chooseVariables() {
        int n = shape.variables;
        classOf = new RegisterClass[n];
        changes = new boolean[n];
        for (int x = 0; x < n; x++) {
            int c = random.nextInt(10);
            classOf[x] = c < 6 || x == 0 ? RegisterClass.INT : c < 8 ? RegisterClass.FLOAT : RegisterClass.VECTOR;
            changes[x] = random.nextInt(3) > 0;
        }
        changes[0] = true;
        atExit = new int[layout.length][];
        current = new int[n];
    }

    private void fill() {
        var preds = new ArrayList<List<Integer>>();
        for (int x = 0; x < layout.length; x++) preds.add(new ArrayList<>());
        for (int x = 0; x < layout.length; x++) {
            for (int s : successors.get(layout[x])) preds.get(number[s]).add(x);
        }
        int[][] params = new int[layout.length][];
        for (int x = 0; x < layout.length; x++) {
            boolean joins = preds.get(x).size() > 1;
            params[x] = joins ? join(x) : begin(x, preds.get(x));
            int n = random.nextInt(2 * shape.instructions / layout.length + 2);
            for (int i = 0; i < n; i++) instruction();
            terminate(x);
            atExit[x] = current.clone();
        }
        for (int x = 0; x < layout.length; x++) connect(x, params);
    }

    private int[] begin(int x, List<Integer> preds) {
        boolean parameters = !preds.isEmpty() && random.nextInt(8) == 0
                && successors.get(layout[preds.get(0)]).size() == 1;
        if (parameters) return join(x);
        code.block(depth.get(layout[x]));
        if (random.nextInt(8) == 0) code.cold();
        if (preds.isEmpty()) entry();
        else current = atExit[preds.get(0)].clone();
        return new int[0];
    }

    private int[] join(int x) {
        int[] params = new int[current.length];
        int n = 0;
        for (int v = 0; v < current.length; v++) {
            if (!changes[v]) {
                current[v] = entryValue(v);
                continue;
            }
            current[v] = code.value(classOf[v]);
            params[n++] = v;
        }
        params = Arrays.copyOf(params, n);
        code.block(depth.get(layout[x]), Arrays.stream(params).map(v -> current[v]).toArray());
        if (random.nextInt(10) == 0) code.cold();
        return params;
    }

    private int entryValue(int v) {
        return atExit[0][v];
    }

    /** Function parameters in fixed registers, the rest by plain definitions. */
    private void entry() {
        long ints = allocatable & 0xFFFF_FFFFL;
        long vectors = allocatable & ~0xFFFF_FFFFL;
        var operands = new ArrayList<Long>();
        for (int v = 0; v < current.length; v++) {
            long free = classOf[v] == RegisterClass.INT ? ints : vectors;
            current[v] = code.value(classOf[v]);
            if (random.nextBoolean() && free != 0) {
                int r = pick(free);
                ints &= ~(1L << r);
                vectors &= ~(1L << r);
                operands.add(TestCode.defIn(current[v], r));
            }
        }
        emit(operands);
        var defined = operands.stream().map(Operand::vreg).toList();
        for (int v = 0; v < current.length; v++) {
            if (!defined.contains(current[v])) code.op(TestCode.def(current[v]));
        }
    }

    private void emit(List<Long> operands) {
        code.op(operands.stream().mapToLong(x -> x).toArray());
    }

    private int pick(long set) {
        int n = random.nextInt(Long.bitCount(set));
        while (n-- > 0) set &= set - 1;
        return Long.numberOfTrailingZeros(set);
    }

    private int variable() {
        return random.nextInt(current.length);
    }

    private int variable(boolean general) {
        for (int x = 0; x < 20; x++) {
            int v = variable();
            if (classOf[v] == RegisterClass.INT == general) return v;
        }
        return 0;
    }

    private void assign(int v, int value) {
        if (changes[v]) current[v] = value;
    }

    private long someUse(int v) {
        int value = current[v];
        return switch (random.nextInt(8)) {
            case 0, 1, 2 -> TestCode.any(value);
            case 3 -> TestCode.late(value);
            case 4 -> TestCode.anyLate(value);
            default -> TestCode.use(value);
        };
    }

    private void instruction() {
        if (random.nextInt(100) < shape.calls) {
            call();
            return;
        }
        switch (random.nextInt(12)) {
            case 0, 1 -> plain();
            case 2, 3, 4, 5 -> twoAddress();
            case 6 -> divide();
            case 7 -> shift();
            case 8 -> copy();
            case 9 -> constant();
            case 10 -> store();
            default -> withTemporary();
        }
    }

    private void plain() {
        var operands = new ArrayList<Long>();
        int v = variable();
        int value = code.value(classOf[v]);
        if (random.nextBoolean()) operands.add(TestCode.def(value));
        for (int x = random.nextInt(3); x > 0; x--) operands.add(someUse(variable()));
        if (operands.isEmpty() || !Operand.isDef(operands.get(0))) operands.add(TestCode.def(value));
        emit(operands);
        assign(v, value);
    }

    private void twoAddress() {
        int v = variable();
        int w = random.nextInt(5) == 0 ? v : variable();
        int to = random.nextBoolean() ? v : variable();
        if (classOf[to] != classOf[v]) to = v;
        int value = code.value(classOf[to]);
        boolean any = random.nextBoolean();
        boolean exchange = classOf[v] == classOf[w] && random.nextBoolean();
        long second = someUse(w);
        if (exchange) second = random.nextBoolean() ? TestCode.use(current[w]) : TestCode.any(current[w]);
        code.op(TestCode.reuse(value, 1), any ? TestCode.any(current[v]) : TestCode.use(current[v]), second);
        if (exchange) code.commutative();
        assign(to, value);
    }

    private void divide() {
        int a = variable(true);
        int b = variable(true);
        int quotient = code.value();
        int rest = code.value();
        if (random.nextBoolean()) {
            code.op(TestCode.in(current[a], TestCode.RAX), random.nextBoolean()
                    ? TestCode.late(current[b]) : TestCode.anyLate(current[b]), TestCode.defIn(quotient, TestCode.RAX));
            code.destroys(1 << TestCode.RDX);
            assign(a, quotient);
        } else {
            code.op(TestCode.in(current[a], TestCode.RAX), TestCode.late(current[b]),
                    TestCode.defIn(quotient, TestCode.RAX), TestCode.defIn(rest, TestCode.RDX));
            assign(a, quotient);
            if (random.nextBoolean()) assign(b, rest);
        }
    }

    private void shift() {
        int a = variable(true);
        int b = variable(true);
        int value = code.value();
        code.op(TestCode.reuse(value, 1), TestCode.use(current[a]), TestCode.in(current[b], TestCode.RCX));
        assign(a, value);
    }

    private void copy() {
        int v = variable();
        int w = variable();
        if (classOf[v] != classOf[w]) return;
        int value = code.value(classOf[v]);
        code.move(value, current[w]);
        assign(v, value);
    }

    private void constant() {
        int v = variable();
        int value = code.constant(classOf[v]);
        code.op(TestCode.def(value));
        assign(v, value);
    }

    private void store() {
        var operands = new ArrayList<Long>();
        for (int x = random.nextInt(3); x >= 0; x--) operands.add(someUse(variable()));
        emit(operands);
    }

    private void withTemporary() {
        var operands = new ArrayList<Long>();
        operands.add(TestCode.temp(code.value(random.nextBoolean() ? RegisterClass.INT : RegisterClass.FLOAT)));
        operands.add(someUse(variable()));
        int v = variable();
        int value = code.value(classOf[v]);
        if (random.nextBoolean()) operands.add(TestCode.def(value));
        emit(operands);
        if (operands.size() == 3) assign(v, value);
    }

    private void call() {
        var operands = new ArrayList<Long>();
        operandsOfCall(operands);
        emit(operands);
        code.call();
    }

    private void operandsOfCall(List<Long> operands) {
        long ints = allocatable & 0xFFFF_FFFFL;
        long vectors = allocatable & ~0xFFFF_FFFFL;
        int target = random.nextInt(6);
        int limit = target < 2 ? 3 : 4;
        for (int x = random.nextInt(limit); x > 0; x--) {
            int v = variable();
            long free = classOf[v] == RegisterClass.INT ? ints : vectors;
            int r = pick(free);
            ints &= ~(1L << r);
            vectors &= ~(1L << r);
            operands.add(TestCode.in(current[v], r));
        }
        if (target == 0) operands.add(TestCode.use(current[variable(true)]));
        if (target == 1) operands.add(TestCode.any(current[variable(true)]));
        if (random.nextInt(4) == 0) operands.add(TestCode.slot(current[variable()]));
        results(operands);
    }

    private void results(List<Long> operands) {
        ints: for (int x = 0; x < 2; x++) {
            int r = x == 0 ? TestCode.RAX : random.nextBoolean() ? TestCode.RDX : TestCode.XMM0;
            if (random.nextInt(3) == 0) continue ints;
            int v = variable(!Registers.isVector(r));
            if (classOf[v] == RegisterClass.INT == Registers.isVector(r)) continue ints;
            int value = code.value(classOf[v]);
            operands.add(TestCode.defIn(value, r));
            assign(v, value);
        }
    }

    private void terminate(int x) {
        int n = successors.get(layout[x]).size();
        if (n == 0) {
            code.op(TestCode.in(current[variable(true)], TestCode.RAX));
        } else if (n == 1) {
            code.op();
        } else if (random.nextInt(6) == 0) {
            call();
        } else if (random.nextInt(6) == 0) {
            plain();
        } else {
            code.op(someUse(variable(true)), TestCode.temp(code.value()));
        }
    }

    private void connect(int x, int[][] params) {
        for (int s : successors.get(layout[x])) {
            int[] exit = atExit[x];
            code.toFrom(x, number[s], Arrays.stream(params[number[s]]).map(v -> exit[v]).toArray());
        }
    }
}
