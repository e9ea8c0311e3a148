package org.sallyport.codegen.ir;

import static org.sallyport.codegen.ir.LoopLocals.ensure;

import java.util.Arrays;

/**
 * Drops block parameters that always have the same value: all arguments are one value, or the parameter itself. Dropping one may
 * make another redundant, so those that take it as an argument are looked at again.
 */
final class SimplifyParams {
    private Cfg cfg = Graph.NO_CFG;
    private Graph graph = Graph.NOTHING;
    private int[] work = new int[64];
    private int workCount;
    /** By parameter value: chain of parameters that take it as an argument. */
    private int[] users = new int[64];
    private int[] userParam = new int[64];
    private int[] userNext = new int[64];
    private int userCount;
    /** By parameter value: its place in its block. */
    private int[] index = new int[64];

    void run(Graph of) {
        graph = of;
        cfg = graph.cfg();
        collect();
        boolean any = false;
        while (workCount > 0) {
            graph.step();
            int param = work[--workCount];
            if (graph.isReplaced(param)) {
                continue;
            }
            int same = onlyArgument(param);
            if (same >= 0) {
                any = true;
                graph.replace(param, same);
                requeueUsers(param);
            }
        }
        if (any) {
            for (int i = 0; i < cfg.count(); i++) {
                graph.step();
                RemoveParams.from(graph, cfg, cfg.block(i), graph::isReplaced);
            }
            graph.resolveAll();
        }
    }

    private void collect() {
        users = ensure(users, graph.size());
        index = ensure(index, graph.size());
        Arrays.fill(users, 0, graph.size(), -1);
        userCount = 0;
        workCount = 0;
        for (int i = cfg.count() - 1; i >= 0; i--) {
            int b = cfg.block(i);
            for (int k = graph.paramCount(b) - 1; k >= 0; k--) {
                int param = graph.param(b, k);
                index[param] = k;
                work = ensure(work, workCount);
                work[workCount++] = param;
                addUses(b, k, param);
            }
        }
    }

    private void addUses(int b, int k, int param) {
        for (int p = 0; p < cfg.predecessorCount(b); p++) {
            graph.step();
            int argument = graph.operand(graph.last(cfg.predecessor(b, p)), k);
            if (graph.op(argument) == Op.PARAM && argument != param) {
                userParam = ensure(userParam, userCount);
                userNext = ensure(userNext, userCount);
                userParam[userCount] = param;
                userNext[userCount] = users[argument];
                users[argument] = userCount++;
            }
        }
    }

    /** The one value that all arguments are, besides the parameter itself; -1 if there are several. */
    private int onlyArgument(int param) {
        int b = graph.blockOf(param);
        int same = -1;
        for (int p = 0; p < cfg.predecessorCount(b); p++) {
            graph.step();
            int argument = graph.resolve(graph.operand(graph.last(cfg.predecessor(b, p)), index[param]));
            if (argument != param && argument != same) {
                if (same >= 0) {
                    return -1;
                }
                same = argument;
            }
        }
        return same;
    }

    private void requeueUsers(int param) {
        for (int u = users[param]; u >= 0; u = userNext[u]) {
            work = ensure(work, workCount);
            work[workCount++] = userParam[u];
        }
        // whoever takes the parameter takes its replacement now
        int by = graph.resolve(param);
        if (graph.op(by) == Op.PARAM && users[param] >= 0) {
            int last = users[param];
            while (userNext[last] >= 0) {
                last = userNext[last];
            }
            userNext[last] = users[by];
            users[by] = users[param];
        }
    }
}
