;; What shared memories are used for (Rehearsal).
(module $threads
  (memory (export "memory") 1 1 shared)
  (func (export "atomics") (param i32) (result i32)
    (i64.atomic.store (i32.const 0) (i64.const 1))
    (drop (i32.atomic.rmw8.cmpxchg_u (i32.const 0) (local.get 0) (i32.const 2)))
    (drop (i32.atomic.rmw.add (i32.const 8) (local.get 0)))
    (drop (i32.atomic.rmw.sub (i32.const 8) (i32.atomic.rmw.or (i32.const 8) (local.get 0))))
    (atomic.fence)
    (i32.add
      (i32.add
        (memory.atomic.wait32 (i32.const 0) (i32.const 7) (i64.const 0))
        (memory.atomic.wait64 (i32.const 16) (i64.const 0) (i64.const 1)))
      (i32.add (i32.atomic.load (i32.const 4)) (memory.atomic.notify (i32.const 0) (i32.const 1))))))
