import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Problem } from '../src/problem.mjs'

test('a problem says in which line it is', () => {
  const problem = new Problem('no amount', 7)
  assert.equal(problem.message, 'line 7: no amount')
  assert.equal(problem.line, 7)
})

test('a problem without a line says what it is', () => {
  assert.equal(new Problem('no file').message, 'no file')
})
