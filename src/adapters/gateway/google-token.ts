import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { GoogleAuth } from 'google-auth-library'

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform'

/**
 * Tokens for Vertex AI, renewed before they expire: by the file that GOOGLE_APPLICATION_CREDENTIALS names (a service account's, or
 * a job's federated identity), by what `gcloud auth application-default login` left in `gcloudDir`, or on Google's own machines by
 * theirs. Rejects where there is nothing of these.
 */
export function googleTokens(
  env: Readonly<Record<string, string | undefined>>,
  gcloudDir: string,
): () => Promise<string> {
  const left = join(env['CLOUDSDK_CONFIG'] || gcloudDir, 'application_default_credentials.json')
  const keyFilename = env['GOOGLE_APPLICATION_CREDENTIALS'] || (existsSync(left) ? left : undefined)
  const auth = new GoogleAuth({ scopes: SCOPE, ...(keyFilename === undefined ? {} : { keyFilename }) })
  return async () => {
    const token = await auth.getAccessToken()
    if (!token) throw new Error('Google gave no token: see `gcloud auth application-default login`')
    return token
  }
}
