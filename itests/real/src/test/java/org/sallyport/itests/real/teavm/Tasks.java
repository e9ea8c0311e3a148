package org.sallyport.itests.real.teavm;

/**
 * A little operating system in the manner of Richards' benchmark: tasks of four kinds with priorities send each other packets
 * through queues until all work is done. Virtual calls, linked lists and much that dies young.
 */
final class Tasks {
    private static final int WORK = 0;
    private static final int DEVICE = 1;

    private static final class Packet {
        Packet next;
        int to;
        final int kind;
        int value;
        final int[] data = new int[4];

        Packet(int to, int kind, Packet next) {
            this.to = to;
            this.kind = kind;
            this.next = next;
        }

        Packet appendedTo(Packet queue) {
            next = null;
            if (queue == null) {
                return this;
            }
            Packet last = queue;
            while (last.next != null) {
                last = last.next;
            }
            last.next = this;
            return queue;
        }
    }

    private abstract static class Task {
        final int id;
        final int priority;
        final Task link;
        Packet queue;
        boolean waiting;
        boolean held;

        Task(int id, int priority, Task link) {
            this.id = id;
            this.priority = priority;
            this.link = link;
        }

        /** @return whom to go on with */
        abstract Task run(Tasks system, Packet packet);
    }

    private static final class Idle extends Task {
        private int control = 1;
        private int count;

        Idle(int id, Task link, int count) {
            super(id, 0, link);
            this.count = count;
        }

        @Override
        Task run(Tasks system, Packet packet) {
            if (--count == 0) {
                held = true;
                return link;
            }
            boolean odd = (control & 1) != 0;
            control = odd ? control / 2 ^ 0xD008 : control / 2;
            return system.release(odd ? 5 : 4);
        }
    }

    private static final class Worker extends Task {
        private int next = 2;
        private int letter;

        Worker(int id, int priority, Task link) {
            super(id, priority, link);
        }

        @Override
        Task run(Tasks system, Packet packet) {
            if (packet == null) {
                waiting = true;
                return this;
            }
            next = 5 - next;
            packet.to = next;
            packet.value = 0;
            for (int i = 0; i < packet.data.length; i++) {
                letter = letter % 26 + 1;
                packet.data[i] = 'A' + letter - 1;
            }
            return system.send(packet, this);
        }
    }

    private static final class Handler extends Task {
        private Packet work;
        private Packet devices;

        Handler(int id, int priority, Task link) {
            super(id, priority, link);
        }

        @Override
        Task run(Tasks system, Packet packet) {
            if (packet != null) {
                if (packet.kind == WORK) {
                    work = packet.appendedTo(work);
                } else {
                    devices = packet.appendedTo(devices);
                }
            }
            if (work != null) {
                Packet first = work;
                if (first.value >= first.data.length) {
                    work = first.next;
                    first.to = 1;
                    return system.send(first, this);
                }
                if (devices != null) {
                    Packet free = devices;
                    devices = free.next;
                    free.value = first.data[first.value++];
                    free.to = id + 2;
                    return system.send(free, this);
                }
            }
            waiting = true;
            return this;
        }
    }

    private static final class Device extends Task {
        private Packet pending;
        private final int owner;

        Device(int id, int priority, Task link, int owner) {
            super(id, priority, link);
            this.owner = owner;
        }

        @Override
        Task run(Tasks system, Packet packet) {
            if (packet != null) {
                pending = packet;
                system.printed = system.printed * 31 + packet.value;
                held = true;
                return link;
            }
            if (pending == null) {
                waiting = true;
                return this;
            }
            Packet done = pending;
            pending = null;
            done.to = owner;
            return system.send(done, this);
        }
    }

    private final Task[] table = new Task[6];
    private int sent;
    private int released;
    private long printed;

    static void run(StringBuilder out) {
        for (int count : new int[] {100, 10_000, 50_000}) {
            Tasks system = new Tasks();
            system.schedule(system.make(count));
            out.append(system.sent).append(' ').append(system.released).append(' ').append(system.printed).append('\n');
        }
    }

    private Task make(int count) {
        Task all = table[0] = new Idle(0, null, count);
        all = table[1] = new Worker(1, 1000, all);
        all.queue = new Packet(1, WORK, new Packet(1, WORK, null));
        all = table[2] = new Handler(2, 2000, all);
        all.queue = new Packet(2, DEVICE, new Packet(2, DEVICE, new Packet(2, DEVICE, null)));
        all = table[3] = new Handler(3, 3000, all);
        all.queue = new Packet(3, DEVICE, new Packet(3, DEVICE, new Packet(3, DEVICE, null)));
        all = table[4] = new Device(4, 4000, all, 2);
        return table[5] = new Device(5, 5000, all, 3);
    }

    private void schedule(Task all) {
        Task current = all;
        while (current != null) {
            if (current.held || current.waiting && current.queue == null) {
                current = current.link;
                continue;
            }
            Packet packet = current.queue;
            if (packet != null) {
                current.queue = packet.next;
                current.waiting = false;
            }
            current = current.run(this, packet);
        }
    }

    private Task release(int id) {
        released++;
        Task task = table[id];
        task.held = false;
        task.waiting = false;
        return task.priority > table[0].priority ? task : table[0];
    }

    private Task send(Packet packet, Task sender) {
        sent++;
        Task to = table[packet.to];
        boolean first = to.queue == null;
        to.queue = packet.appendedTo(to.queue);
        return first && to.priority > sender.priority ? to : sender;
    }
}
