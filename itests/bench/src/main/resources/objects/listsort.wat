;; A linked list of pseudo-random numbers, sorted by merging: pointers are rewritten all the time.
(module
  (type $node (struct (field $value i32) (field $next (mut (ref null $node)))))
  (func $make (param $n i32) (param $seed i32) (result (ref null $node)) (local $l (ref null $node))
    (loop $more
      (local.set $seed (i32.add (i32.mul (local.get $seed) (i32.const 1664525)) (i32.const 1013904223)))
      (local.set $l (struct.new $node (i32.shr_u (local.get $seed) (i32.const 8)) (local.get $l)))
      (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $l))
  (func $merge (param $a (ref null $node)) (param $b (ref null $node)) (result (ref null $node))
    (local $head (ref $node)) (local $last (ref $node))
    (local.set $head (struct.new $node (i32.const 0) (ref.null $node)))
    (local.set $last (local.get $head))
    (block $end
      (loop $more
        (br_if $end (ref.is_null (local.get $a)))
        (br_if $end (ref.is_null (local.get $b)))
        (if (i32.le_u (struct.get $node $value (local.get $a)) (struct.get $node $value (local.get $b)))
          (then
            (struct.set $node $next (local.get $last) (local.get $a))
            (local.set $last (ref.as_non_null (local.get $a)))
            (local.set $a (struct.get $node $next (local.get $a))))
          (else
            (struct.set $node $next (local.get $last) (local.get $b))
            (local.set $last (ref.as_non_null (local.get $b)))
            (local.set $b (struct.get $node $next (local.get $b)))))
        (br $more)))
    (struct.set $node $next (local.get $last)
      (select (result (ref null $node)) (local.get $b) (local.get $a) (ref.is_null (local.get $a))))
    (struct.get $node $next (local.get $head)))
  (func $sort (param $l (ref null $node)) (param $n i32) (result (ref null $node))
    (local $at (ref null $node)) (local $rest (ref null $node)) (local $half i32) (local $i i32)
    (if (i32.lt_u (local.get $n) (i32.const 2)) (then (return (local.get $l))))
    (local.set $half (i32.shr_u (local.get $n) (i32.const 1)))
    (local.set $at (local.get $l))
    (local.set $i (i32.sub (local.get $half) (i32.const 1)))
    (block $there
      (loop $walk
        (br_if $there (i32.eqz (local.get $i)))
        (local.set $at (struct.get $node $next (local.get $at)))
        (local.set $i (i32.sub (local.get $i) (i32.const 1)))
        (br $walk)))
    (local.set $rest (struct.get $node $next (local.get $at)))
    (struct.set $node $next (local.get $at) (ref.null $node))
    (call $merge
      (call $sort (local.get $l) (local.get $half))
      (call $sort (local.get $rest) (i32.sub (local.get $n) (local.get $half)))))
  (func (export "run") (param $n i32) (result i32)
    (local $l (ref null $node)) (local $round i32) (local $sum i32) (local $i i32)
    (local.set $round (i32.const 10))
    (loop $rounds
      (local.set $l (call $sort (call $make (local.get $n) (local.get $round)) (local.get $n)))
      (local.set $i (i32.const 0))
      (block $end
        (loop $add
          (br_if $end (ref.is_null (local.get $l)))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (local.set $sum (i32.add (local.get $sum) (i32.mul (local.get $i) (struct.get $node $value (local.get $l)))))
          (local.set $l (struct.get $node $next (local.get $l)))
          (br $add)))
      (br_if $rounds (local.tee $round (i32.sub (local.get $round) (i32.const 1)))))
    (local.get $sum)))
